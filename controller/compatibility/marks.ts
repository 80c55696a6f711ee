import type { Rollout } from '../api/generated/rollout.ts';
import type { Marks } from '../rollout/execute.ts';
import { asObject } from '../rollout/plain.ts';
import { argoKeys, DESIRED_REPLICAS_ANNOTATION, INSTANCE_ID_LABEL, KEPT_ANNOTATIONS } from './names.ts';

/** What Argo Rollouts puts on the objects of a Rollout beyond what both of us do. */
export const ARGO_MARKS: Marks = {
  newReplicaSet(rollout) {
    const annotations = Object.entries(argoKeys(rollout.metadata.annotations ?? {}));
    return { ...Object.fromEntries(annotations.filter(([key]) => !KEPT_ANNOTATIONS.has(key))), ...desired(rollout) };
  },
  scaledReplicaSet: desired,
  analysisRun(owner) {
    const id = owner.metadata.labels?.[INSTANCE_ID_LABEL];
    // Only a Rollout has a selector.
    const labels = asObject(asObject(asObject(owner['spec'])?.['selector'])?.['matchLabels']) ?? {};
    return { ...(id === undefined ? {} : { [INSTANCE_ID_LABEL]: id }), ...(labels as Record<string, string>) };
  },
};

function desired(rollout: Rollout): Record<string, string> {
  return { [DESIRED_REPLICAS_ANNOTATION]: String(rollout.spec.replicas ?? 1) };
}
