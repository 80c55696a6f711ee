import { describe, expect, it } from 'vitest';
import { rolloutSpec, Stage } from '../../test/simulate/stage.ts';
import type { RolloutSpec } from '../api/generated/rollout.ts';
import { decideRollout } from './decide.ts';

describe('a canary without traffic routing', () => {
  function shared(replicas: number, canary: NonNullable<RolloutSpec['strategy']['canary']>): Stage {
    const stage = new Stage(rolloutSpec('v1', replicas, canary), decideRollout);
    stage.run();
    stage.setImage('v2');
    stage.run();
    return stage;
  }

  it('splits the pods, and is promoted', () => {
    const stage = shared(10, { steps: [{ setWeight: 20 }, { pause: {} }] });
    expect(stage.pods).toEqual({ v1: 8, v2: 2 });
    expect(stage.status).toMatchObject({ phase: 'Paused', step: '1/2' });
    stage.promote();
    expect(stage.pods).toEqual({ v2: 10 });
    expect(stage.status.phase).toBe('Healthy');
    expect(stage.status.canary?.weights).toBeUndefined();
  });

  it('keeps the share of the pods when an autoscaler works', () => {
    const stage = shared(4, { steps: [{ setWeight: 25 }, { pause: {} }] });
    expect(stage.pods).toEqual({ v1: 3, v2: 1 });
    stage.scale(8);
    stage.run();
    expect(stage.pods).toEqual({ v1: 6, v2: 2 });
    stage.scale(4);
    stage.run();
    expect(stage.pods).toEqual({ v1: 3, v2: 1 });
  });

  it('goes back without a delay when it is aborted', () => {
    const stage = shared(10, { steps: [{ setWeight: 50 }, { pause: {} }] });
    stage.cluster.patchStatus({ abort: true });
    stage.run();
    expect(stage.pods).toEqual({ v1: 10 });
    expect(stage.status.phase).toBe('Degraded');
  });

  it('without steps is a rolling update', () => {
    const stage = shared(4, {});
    expect(stage.pods).toEqual({ v2: 4 });
    expect(stage.status.phase).toBe('Healthy');
  });

  it.each([
    [1, 0, 1],
    [2, 0, 1],
    [10, 0, 1],
    [1, 1, 0],
    [5, '100%', 0],
  ])(
    'replaces %i pods behind pinned Services with surge %s and unavailable %s',
    (replicas, maxSurge, maxUnavailable) => {
      const services = { canaryService: 'canary', stableService: 'stable' };
      const stage = shared(replicas, {
        ...services,
        maxSurge,
        maxUnavailable,
        steps: [{ setWeight: 50 }, { setWeight: 100 }],
      });
      expect(stage.pods).toEqual({ v2: replicas });
      expect([stage.behind('stable'), stage.behind('canary')]).toEqual(['v2', 'v2']);
    },
  );

  it('is not held up by a stable version that does not start', () => {
    const stage = new Stage(rolloutSpec('v1', 4, { steps: [{ setWeight: 50 }] }), decideRollout);
    stage.run();
    const stable = `fraud-${stage.status.stableRS}`;
    stage.world.broken.add(stage.status.stableRS ?? '');
    while (stage.world.fail(stable)) stage.world.syncReplicaSet(stable);
    stage.setImage('v2');
    stage.run();
    expect(stage.pods).toEqual({ v2: 4 });
  });
});
