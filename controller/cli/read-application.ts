import { APPLICATION_RESOURCE, type Application } from '../api/generated/application.ts';
import { dropBadStatus } from '../api/stored-object.ts';
import { isNotFound } from '../kube/errors.ts';
import { SlipwayError } from '../platform/errors.ts';
import { plainText } from './plain-text.ts';
import type { Session } from './session.ts';

/**
 * One Application as the API server has it; SlipwayError `ApplicationNotFound` names the namespace that was searched. One
 * that was stored before its CRD would refuse it comes as it is: ask `specProblem` before its spec is trusted.
 */
export async function fetchApplication(
  { client, namespace, signal }: Pick<Session, 'client' | 'namespace' | 'signal'>,
  name: string,
): Promise<Application> {
  try {
    return (await client.get(APPLICATION_RESOURCE, `${namespace}/${name}`, { signal })) as Application;
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new SlipwayError(
      'ApplicationNotFound',
      `application "${name}" not found in namespace "${namespace}": name another namespace with -n`,
    );
  }
}

/** The same to be shown: with a status that fits its type, and texts that a terminal may have. */
export async function readApplication(
  session: Pick<Session, 'client' | 'namespace' | 'signal'>,
  name: string,
): Promise<Application> {
  const application = await fetchApplication(session, name);
  dropBadStatus(application);
  return plainText(application);
}
