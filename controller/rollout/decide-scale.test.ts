import { describe, expect, it } from 'vitest';
import { ROUTED, rolloutSpec, Stage } from '../../test/simulate/stage.ts';
import type { RolloutSpecStrategyCanary } from '../api/generated/rollout.ts';
import { decideRollout } from './decide.ts';

/** v1 serves with 10 pods, and v2 is rolled out. */
function updating(canary: Partial<RolloutSpecStrategyCanary>, routed = true, replicas = 10): Stage {
  const stage = new Stage(rolloutSpec('v1', replicas, { ...(routed ? ROUTED : {}), ...canary }), decideRollout);
  stage.run();
  stage.wait(60);
  stage.setImage('v2');
  stage.run();
  return stage;
}

describe('setCanaryScale', () => {
  it('gives pods without requests, until the weight decides again', () => {
    const stage = updating({
      steps: [
        { setCanaryScale: { replicas: 3 } },
        { pause: {} },
        { setWeight: 10 },
        { pause: {} },
        { setCanaryScale: { matchTrafficWeight: true } },
        { pause: {} },
      ],
    });
    expect([stage.pods, stage.weight, stage.status.step]).toEqual([{ v1: 10, v2: 3 }, 0, '1/6']);
    stage.promote();
    expect([stage.pods, stage.weight]).toEqual([{ v1: 10, v2: 3 }, 10]);
    stage.promote();
    expect([stage.pods, stage.weight, stage.status.step]).toEqual([{ v1: 10, v2: 1 }, 10, '5/6']);
  });

  it('by weight is a share of the replicas', () => {
    const stage = updating({ steps: [{ setCanaryScale: { weight: 25 } }, { setWeight: 10 }, { pause: {} }] });
    expect([stage.pods, stage.weight]).toEqual([{ v1: 10, v2: 3 }, 10]);
  });

  it('never takes pods that the weight needs', () => {
    const stage = updating({ steps: [{ setWeight: 50 }, { setCanaryScale: { replicas: 1 } }, { pause: {} }] });
    expect([stage.pods, stage.weight, stage.status.step]).toEqual([{ v1: 10, v2: 5 }, 50, '2/3']);
  });

  it('is over after the last step', () => {
    const stage = updating({ steps: [{ setCanaryScale: { replicas: 1 } }, { setWeight: 10 }] });
    stage.wait(31);
    expect([stage.pods, stage.status.phase]).toEqual([{ v2: 10 }, 'Healthy']);
  });

  it('says nothing where the pods are the traffic', () => {
    const stage = updating({ steps: [{ setCanaryScale: { replicas: 9 } }, { setWeight: 20 }, { pause: {} }] }, false);
    expect([stage.pods, stage.status.step]).toEqual([{ v1: 8, v2: 2 }, '2/3']);
  });
});

describe('minPodsPerReplicaSet', () => {
  it('is the least that a version with requests has', () => {
    const stage = updating({ minPodsPerReplicaSet: 2, steps: [{ setWeight: 5 }, { pause: {} }] });
    expect([stage.pods, stage.weight]).toEqual([{ v1: 10, v2: 2 }, 5]);
  });

  it('is no more than the replicas, and nothing at weight 0', () => {
    const few = updating({ minPodsPerReplicaSet: 5, steps: [{ setWeight: 10 }, { pause: {} }] }, true, 2);
    expect(few.pods).toEqual({ v1: 2, v2: 2 });
    const none = updating({ minPodsPerReplicaSet: 5, steps: [{ setWeight: 0 }, { pause: {} }] });
    expect(none.pods).toEqual({ v1: 10 });
  });
});

describe('replicaProgressThreshold', () => {
  const steps = [{ setWeight: 50 }, { pause: {} }];

  it.each([
    ['Percent', 80, 4],
    ['Pods', 3, 3],
  ] as const)('%s %i: %i of 5 pods are enough', (type, value, enough) => {
    const stage = new Stage(
      rolloutSpec('v1', 10, { ...ROUTED, steps, replicaProgressThreshold: { type, value } }),
      decideRollout,
    );
    stage.run();
    stage.wait(60);
    stage.setImage('v2');
    stage.decide();
    const hash = stage.status.currentPodHash ?? '';
    const name = stage.cluster.list('replicaSet').find((rs) => rs.metadata.name.endsWith(hash))?.metadata.name ?? '';
    const comeUp = (pods: number): void => {
      stage.world.syncReplicaSet(name);
      stage.world.broken.delete(hash);
      for (let i = 0; i < pods; i += 1) stage.world.becomeReady(name);
      stage.world.broken.add(hash);
      stage.run();
    };
    comeUp(enough - 1);
    expect([stage.weight, stage.status.step]).toEqual([0, '0/2']);
    comeUp(1);
    expect([stage.weight, stage.status.step]).toEqual([50, '1/2']);
  });
});
