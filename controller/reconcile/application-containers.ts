import type { Application } from '../api/generated/application.ts';
import { GROUP } from '../api/names.ts';
import { isNotFound } from '../kube/errors.ts';
import type { KubeClient, KubeObject, ResourceInfo } from '../kube/types.ts';

const NAMESPACE: ResourceInfo = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
  verbs: ['get'],
  subresources: [],
};
const DEFINITION: ResourceInfo = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
  verbs: ['get'],
  subresources: [],
};

/**
 * What an Application is in, and would be deleted with: its Namespace, and the definition of its kind. Asked of the API
 * server and of no cache: one that is behind would let objects be deleted that nobody deleted.
 *
 * @throws {KubeError} when that cannot be told, and then nothing may be deleted
 */
export function containersOf(
  client: KubeClient,
  { metadata: { namespace = '' } }: Application,
  signal: AbortSignal,
): Promise<(KubeObject | undefined)[]> {
  const read = (resource: ResourceInfo, name: string): Promise<KubeObject | undefined> =>
    client.get(resource, name, { signal }).catch((error: unknown) => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
  return Promise.all([read(NAMESPACE, namespace), read(DEFINITION, `applications.${GROUP}`)]);
}
