import type { RolloutSpec } from '../../controller/api/generated/rollout.ts';
import { POD_TEMPLATE_HASH_LABEL } from '../../controller/api/names.ts';
import { canonicalJson } from '../../controller/manifest/canonical.ts';
import type { ReplicaSet } from '../../controller/rollout/snapshot.ts';
import type { ModelCluster } from './model-cluster.ts';
import type { World } from './world.ts';

/** At rest every pod has exactly the labels and annotations of its part in the release; throws otherwise. */
export function checkPodMetadata(cluster: ModelCluster, world: World): void {
  const { spec, status } = cluster.rollout;
  const parts = metadataOf(spec);
  for (const rs of cluster.list<ReplicaSet>('replicaSet')) {
    const hash = rs.metadata.labels?.[POD_TEMPLATE_HASH_LABEL];
    const part = hash === status?.stableRS ? parts.stable : hash === status?.currentPodHash ? parts.tested : undefined;
    const { app = '', [POD_TEMPLATE_HASH_LABEL]: own = '' } = rs.spec.template.metadata?.labels ?? {};
    const labels = { app, [POD_TEMPLATE_HASH_LABEL]: own, ...part?.labels };
    const annotations = { ...withoutParts(rs.spec.template.metadata?.annotations), ...part?.annotations };
    for (const { name, metadata } of world.pods(rs.metadata.name)) {
      if (canonicalJson(metadata) !== canonicalJson({ labels, annotations })) {
        throw new Error(`${name} of ${rs.metadata.name} has ${JSON.stringify(metadata)} at rest`);
      }
    }
  }
}

function metadataOf({ strategy: { canary, blueGreen } }: RolloutSpec) {
  return blueGreen === undefined
    ? { stable: canary?.stableMetadata, tested: canary?.canaryMetadata }
    : { stable: blueGreen.activeMetadata, tested: blueGreen.previewMetadata };
}

/** What random specs call the part of a pod is no annotation of the template. */
function withoutParts(annotations: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => !key.startsWith('part.example.com/')));
}
