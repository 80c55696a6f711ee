import type { Application } from '../api/generated/application.ts';
import type { KubeObject } from '../kube/types.ts';
import { goingSince } from './deletion.ts';

/**
 * What an Application is in, its Namespace or the CustomResourceDefinition of its kind, when it is deleted because that is
 * deleted; in words, or undefined when somebody deleted the Application itself.
 *
 * Taking down a namespace, or the controller with its definitions, asks for nothing to be deleted elsewhere in the cluster.
 * Times of the API server have whole seconds: of two deletions in the same second it cannot be told which came first, and
 * then nothing is deleted either.
 */
export function takenAlongBy(
  application: Application,
  containers: readonly (KubeObject | undefined)[],
): string | undefined {
  const since = goingSince(application);
  if (since === undefined) return undefined;
  const found = containers.find((container) => (goingSince(container) ?? Number.POSITIVE_INFINITY) <= since);
  return found === undefined ? undefined : `${found.kind} ${found.metadata.name}`;
}
