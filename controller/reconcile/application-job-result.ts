import { isForbidden } from '../kube/errors.ts';
import type { ResourceInfo } from '../kube/types.ts';
import type { ExecutorDeps } from '../sync/executor.ts';
import type { HookNews, HookRecord } from '../sync/hooks.ts';
import { jobResult } from '../sync/job-result.ts';

const EVENTS: ResourceInfo = {
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  namespaced: true,
  verbs: ['list'],
  subresources: [],
};

/** How a hook ended that is a Job and is gone, where nobody saw it; undefined when that cannot be told. */
export async function goneJobResult(
  { client, signal }: Pick<ExecutorDeps, 'client' | 'signal'>,
  { group, kind, namespace, uid }: HookRecord,
): Promise<HookNews> {
  if (group !== 'batch' || kind !== 'Job' || namespace === undefined || uid === undefined) return undefined;
  try {
    return jobResult(await client.list(EVENTS, { namespace, fieldSelector: `involvedObject.uid=${uid}`, signal }));
  } catch (error) {
    // Without the right to read Events it has failed, as any other hook that vanishes.
    if (isForbidden(error)) return undefined;
    throw error;
  }
}
