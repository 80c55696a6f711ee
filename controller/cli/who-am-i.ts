import { isKubeError } from '../kube/errors.ts';
import type { KubeObject, ResourceInfo } from '../kube/types.ts';
import type { Session } from './session.ts';

const SELF_SUBJECT_REVIEWS: ResourceInfo = {
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectReview',
  plural: 'selfsubjectreviews',
  namespaced: false,
  verbs: ['create'],
  subresources: [],
};

/**
 * The name by which the API server knows the user of the session, as in its audit log. Undefined when it does not say: old
 * ones cannot.
 */
export async function whoAmI({ client, signal }: Pick<Session, 'client' | 'signal'>): Promise<string | undefined> {
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview', metadata: { name: '' } };
  try {
    const answer = await client.create(SELF_SUBJECT_REVIEWS, review, { signal });
    return usernameOf(answer);
  } catch (error) {
    if (!isKubeError(error)) throw error;
    return undefined;
  }
}

function usernameOf({ status }: KubeObject): string | undefined {
  const { username } = (status as { userInfo?: { username?: unknown } } | undefined)?.userInfo ?? {};
  return typeof username === 'string' && username !== '' ? username.slice(0, 253) : undefined;
}
