import type { KubeObject } from '../../kube/types.ts';
import { type Finding, healthy, progressing } from './health.ts';
import { notObserved, numberAt, textAt } from './read.ts';

/** DaemonSet: an available pod of the current template on every node that wants one. */
export function daemonSetHealth(object: KubeObject): Finding {
  const behind = notObserved(object);
  if (behind !== undefined) return progressing(behind, 'generation');
  const wanted = numberAt(object, ['status', 'desiredNumberScheduled'], 0);
  const updated = numberAt(object, ['status', 'updatedNumberScheduled'], 0);
  const available = numberAt(object, ['status', 'numberAvailable'], 0);
  if (textAt(object, 'spec', 'updateStrategy', 'type') === 'OnDelete') {
    return healthy(`pods are replaced by hand (OnDelete): ${updated} of ${wanted} are updated`, 'on-delete');
  }
  if (updated < wanted) return progressing(`${updated} of ${wanted} pods are updated`, 'updated');
  if (available < wanted) return progressing(`${available} of ${wanted} pods are available`, 'available');
  return healthy(`${available} of ${wanted} pods are available`);
}
