import type { KubeObject } from '../../kube/types.ts';
import { type Finding, healthy, progressing } from './health.ts';
import { notObserved, numberAt, textAt } from './read.ts';

/** StatefulSet: all pods ready, and as many of the new revision as the update strategy asks for. */
export function statefulSetHealth(object: KubeObject): Finding {
  const behind = notObserved(object);
  if (behind !== undefined) return progressing(behind, 'generation');
  const wanted = numberAt(object, ['spec', 'replicas'], 1);
  const ready = numberAt(object, ['status', 'readyReplicas'], 0);
  if (ready < wanted) return progressing(`${ready} of ${wanted} pods are ready`, 'ready');
  const updated = numberAt(object, ['status', 'updatedReplicas'], 0);
  // Pods that a person replaces by hand are that person's business.
  if (textAt(object, 'spec', 'updateStrategy', 'type') === 'OnDelete') {
    return healthy(`${ready} of ${wanted} pods are ready, and are replaced by hand (OnDelete)`, 'on-delete');
  }

  const partition = numberAt(object, ['spec', 'updateStrategy', 'rollingUpdate', 'partition'], 0);
  if (partition > 0) {
    const target = Math.max(0, wanted - partition);
    return updated < target
      ? progressing(`${updated} of ${target} pods above the partition are updated`, 'partition')
      : healthy(`${ready} of ${wanted} pods are ready, ${updated} updated down to partition ${partition}`);
  }
  const [current, update] = [textAt(object, 'status', 'currentRevision'), textAt(object, 'status', 'updateRevision')];
  return update === current
    ? healthy(`${ready} of ${wanted} pods are ready`)
    : progressing(`${updated} of ${wanted} pods are of revision ${update}`, 'revision');
}
