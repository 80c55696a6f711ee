import type { KubeObject } from '../../kube/types.ts';
import { degraded, type Finding, healthy, progressing, unknown } from './health.ts';
import { at, conditionOf, listAt, textAt } from './read.ts';

/** Reasons of a waiting container that do not pass by themselves, such as ImagePullBackOff or CreateContainerError. */
const STUCK = /^Err|Error$|BackOff$/;

/** Pod: ready when it is meant to run for ever, succeeded when it is meant to end. */
export function podHealth(object: KubeObject): Finding {
  const always = (textAt(object, 'spec', 'restartPolicy') || 'Always') === 'Always';
  const containers = [
    ...listAt(object, 'status', 'initContainerStatuses'),
    ...listAt(object, 'status', 'containerStatuses'),
  ];
  if (always) {
    for (const container of containers) {
      const reason = textAt(container, 'state', 'waiting', 'reason');
      if (STUCK.test(reason))
        return degraded(`container ${textAt(container, 'name')}: ${withMessage(container, reason)}`, 'container');
    }
  }
  switch (textAt(object, 'status', 'phase')) {
    case '':
    case 'Pending':
      return progressing(conditionOf(object, 'PodScheduled')?.message || 'the pod is pending', 'pending');
    case 'Succeeded':
      return healthy('all containers ended well');
    case 'Failed': {
      const why = textAt(object, 'status', 'message') || textAt(object, 'status', 'reason') || 'the pod failed';
      return degraded(why, 'failed');
    }
    case 'Running':
      return always ? runningHealth(object, containers) : progressing('the pod runs and will end', 'running');
    default:
      return unknown(`the phase is ${textAt(object, 'status', 'phase')}`, 'phase');
  }
}

function runningHealth(object: KubeObject, containers: readonly unknown[]): Finding {
  const all = listAt(object, 'status', 'containerStatuses');
  const ready = all.filter((container) => at(container, 'ready') === true).length;
  const count = all.length === 0 ? 'the pod is ready' : `${ready} of ${all.length} containers are ready`;
  if (conditionOf(object, 'Ready')?.status === 'True') return healthy(count);
  const restarted = containers.find((container) => at(container, 'lastState', 'terminated') !== undefined);
  return restarted === undefined
    ? progressing(all.length === 0 ? 'the pod is not ready' : `the pod is not ready: ${count}`, 'ready')
    : degraded(`container ${textAt(restarted, 'name')} was restarted and the pod is not ready`, 'restarted');
}

function withMessage(container: unknown, reason: string): string {
  const message = textAt(container, 'state', 'waiting', 'message');
  return message === '' ? reason : `${reason}: ${message}`;
}
