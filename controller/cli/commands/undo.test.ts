import { describe, expect, it } from 'vitest';
import type { Rollout } from '../../api/generated/rollout.ts';
import type { ReplicaSet } from '../../rollout/snapshot.ts';
import { refuseOtherConfig } from './undo.ts';

const replicaSet = (hash: string, revision: number, digest: string, config: object): ReplicaSet => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: {
    name: `fraud-${hash}`,
    labels: { 'rollouts-pod-template-hash': hash },
    annotations: {
      'slipway.dev/revision': String(revision),
      'slipway.dev/template-digest': digest,
      'slipway.dev/config': JSON.stringify(config),
    },
  },
  spec: { selector: {}, template: {} },
});
const rollout = { metadata: { name: 'fraud' }, status: { currentPodHash: 'b' } } as unknown as Rollout;
const current = replicaSet('b', 2, 'same', { 'ConfigMap/app': '1:two', 'Secret/keys': '1:x' });

describe('undo to a revision with the same template', () => {
  it('is refused when only a ConfigMap differs: the template cannot bring that back', () => {
    const target = replicaSet('a', 1, 'same', { 'ConfigMap/app': '1:one', 'Secret/keys': '1:x' });
    expect(() => refuseOtherConfig(rollout, [current, target], target)).toThrow(
      'revision 1 has the template of the current one and differs only in ConfigMap "app": change that back instead',
    );
  });

  it('is fine when the templates differ, too', () => {
    const target = replicaSet('a', 1, 'other', { 'ConfigMap/app': '1:one' });
    expect(() => refuseOtherConfig(rollout, [current, target], target)).not.toThrow();
  });
});
