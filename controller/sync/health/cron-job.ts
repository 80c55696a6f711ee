import type { KubeObject } from '../../kube/types.ts';
import { degraded, type Finding, healthy, progressing } from './health.ts';
import { at, listAt, textAt } from './read.ts';

/**
 * CronJob: its last finished run succeeded. A suspended one is healthy, because most are so on purpose and for ever. What
 * never succeeded is not called broken: the status cannot tell a first run from a failed one.
 */
export function cronJobHealth(object: KubeObject): Finding {
  if (at(object, 'spec', 'suspend') === true)
    return healthy('spec.suspend is true: no job will be started', 'suspended');
  if (at(object, 'status') === undefined) return progressing('its controller has not looked at it yet', 'no-status');
  const scheduled = textAt(object, 'status', 'lastScheduleTime');
  if (scheduled === '') return healthy('no run was due yet', 'never-run');
  const running = listAt(object, 'status', 'active').length;
  if (running > 0) return healthy(`${running} running, the last one started at ${scheduled}`, 'running');
  const succeeded = textAt(object, 'status', 'lastSuccessfulTime');
  if (succeeded === '') return healthy(`no run succeeded yet, the last one was due at ${scheduled}`, 'never-succeeded');
  // Times in Kubernetes are UTC without fractions: their order is that of their texts.
  return succeeded < scheduled
    ? degraded(`the run of ${scheduled} failed, the last success was at ${succeeded}`, 'last-run')
    : healthy(`the run of ${scheduled} succeeded at ${succeeded}`);
}
