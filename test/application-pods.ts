import type { ResourceInfo } from '../controller/kube/types.ts';
import type { ApplicationWorld } from './application-world.ts';

export const PODS: ResourceInfo = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  namespaced: true,
  verbs: [],
  subresources: [],
};

/**
 * An object whose health only the test decides, since no node runs pods here: as a part of an Application it is healthy, and
 * as a hook it has succeeded, once {@link finishPod} says so.
 */
export function pod(name: string, annotations: Record<string, string> = {}): string {
  return podOf({ name, annotations });
}

/** The same with any metadata. */
export function podOf(metadata: object): string {
  const spec = { restartPolicy: 'Never', containers: [{ name: 'main', image: 'work:1' }] };
  return JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata, spec });
}

/** Ends a pod as a kubelet would, as soon as it is there. */
export async function finishPod(
  world: ApplicationWorld,
  name: string,
  phase: 'Succeeded' | 'Failed' = 'Succeeded',
): Promise<void> {
  await world.untilObject(PODS, name, (object) => object !== undefined);
  await world.patch(PODS, name, { status: { phase, message: 'as the test says' } }, { subresource: 'status' });
}
