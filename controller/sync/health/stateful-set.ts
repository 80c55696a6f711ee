import type { KubeObject } from '../../kube/types.ts';
import { type Health, healthy, progressing } from './health.ts';
import { notObserved, numberAt, textAt } from './read.ts';

/** StatefulSet: all pods ready, and as many of the new revision as the update strategy asks for. */
export function statefulSetHealth(object: KubeObject): Health {
  const behind = notObserved(object);
  if (behind !== undefined) return progressing(behind);
  const wanted = numberAt(object, ['spec', 'replicas'], 1);
  const ready = numberAt(object, ['status', 'readyReplicas'], 0);
  if (ready < wanted) return progressing(`${ready} of ${wanted} pods are ready`);
  // Pods that a person replaces by hand are that person's business.
  if (textAt(object, 'spec', 'updateStrategy', 'type') === 'OnDelete') return healthy;

  const updated = numberAt(object, ['status', 'updatedReplicas'], 0);
  const partition = numberAt(object, ['spec', 'updateStrategy', 'rollingUpdate', 'partition'], 0);
  if (partition > 0) {
    const target = Math.max(0, wanted - partition);
    return updated < target ? progressing(`${updated} of ${target} pods above the partition are updated`) : healthy;
  }
  const [current, update] = [textAt(object, 'status', 'currentRevision'), textAt(object, 'status', 'updateRevision')];
  return update === current ? healthy : progressing(`${updated} of ${wanted} pods are of revision ${update}`);
}
