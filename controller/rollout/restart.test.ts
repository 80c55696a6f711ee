import { describe, expect, it } from 'vitest';
import { blueGreenSpec, ROUTED, rolloutSpec, Stage } from '../../test/simulate/stage.ts';
import type { RolloutSpec } from '../api/generated/rollout.ts';
import { decideRollout } from './decide.ts';

const NOW = Date.UTC(2026, 0, 1);

function serving(spec: RolloutSpec = rolloutSpec('v1', 4, { maxUnavailable: 1 })): Stage {
  const stage = new Stage(spec, decideRollout);
  stage.run();
  stage.wait(60);
  stage.takeReasons();
  return stage;
}

function restartAt(stage: Stage, afterSeconds: number): void {
  const time = new Date(stage.cluster.now + afterSeconds * 1000).toISOString();
  stage.cluster.changeSpec((spec) => ({ ...spec, restartAt: time }));
}

/** Ages of all pods that there are, in seconds after the beginning. */
const made = (stage: Stage): number[] =>
  stage.world
    .podStates()
    .map(({ createdAt }) => (createdAt - NOW) / 1000)
    .sort((a, b) => a - b);
const evictions = (stage: Stage): number => {
  stage.reconciler.deliverAll();
  const decision = stage.reconciler.reconcile();
  stage.events.push(...(decision?.events ?? []));
  return decision?.commands.filter(({ type }) => type === 'evictPod').length ?? 0;
};

describe('a restart', () => {
  it('replaces all pods, no more at a time than may be missing', () => {
    const stage = serving();
    restartAt(stage, 0);
    expect(evictions(stage)).toBe(1);
    expect(stage.status).toMatchObject({ phase: 'Progressing', message: 'rollout is restarting' });
    expect(evictions(stage)).toBe(0);
    stage.run();
    expect(made(stage)).toEqual([60, 60, 60, 60]);
    expect(stage.status).toMatchObject({ phase: 'Healthy', restartedAt: '2026-01-01T00:01:00Z' });
    const reasons = stage.takeReasons();
    expect(reasons.filter((reason) => reason === 'RolloutRestarting')).toHaveLength(4);
    expect(reasons.at(-1)).toBe('RolloutRestarted');
  });

  it('takes one pod at a time also when none may be missing', () => {
    const stage = serving(rolloutSpec('v1', 4, { maxUnavailable: 0, maxSurge: 1 }));
    restartAt(stage, 0);
    expect(evictions(stage)).toBe(1);
  });

  it('takes what does not serve first, and nothing else while too much is missing', () => {
    const stage = serving();
    const name = `fraud-${stage.status.stableRS}`;
    stage.world.broken.add(stage.status.stableRS ?? '');
    for (let i = 0; i < 2; i += 1) stage.world.fail(name);
    stage.world.syncReplicaSet(name);
    restartAt(stage, 0);
    expect(evictions(stage)).toBe(2);
    stage.world.syncReplicaSet(name);
    expect([evictions(stage), made(stage)]).toEqual([0, [0, 0, 60, 60]]);
    stage.world.broken.clear();
    stage.run();
    expect(made(stage)).toEqual([60, 60, 60, 60]);
  });

  it('waits for its time, and is nothing until then', () => {
    const stage = serving();
    restartAt(stage, 3600);
    stage.run();
    expect([stage.status.phase, made(stage)]).toEqual(['Healthy', [0, 0, 0, 0]]);
    stage.reconciler.deliverAll();
    expect(stage.reconciler.reconcile()?.requeueAfterMs).toBe(3_600_000);
    stage.wait(3600);
    expect(made(stage)).toEqual([3660, 3660, 3660, 3660]);
  });

  it('is done once, and not for an older time', () => {
    const stage = serving();
    restartAt(stage, 0);
    stage.run();
    restartAt(stage, -30);
    stage.run();
    expect([evictions(stage), stage.status.restartedAt]).toEqual([0, '2026-01-01T00:01:00Z']);
  });

  it('in the middle of an update takes the pods of both versions, and the weight stays', () => {
    const stage = serving(rolloutSpec('v1', 4, { ...ROUTED, steps: [{ setWeight: 50 }, { pause: {} }] }));
    stage.setImage('v2');
    stage.run();
    stage.cluster.now += 10_000;
    restartAt(stage, 0);
    stage.run();
    expect([made(stage), stage.weight]).toEqual([[70, 70, 70, 70, 70, 70], 50]);
    expect(stage.status.phase).toBe('Paused');
  });

  it('of a blue-green Rollout leaves the Services where they are', () => {
    const stage = serving(blueGreenSpec('v1', 2, { autoPromotionEnabled: false }));
    stage.setImage('v2');
    stage.run();
    stage.cluster.now += 10_000;
    restartAt(stage, 0);
    stage.run();
    expect([made(stage), stage.behind('active'), stage.behind('preview')]).toEqual([[70, 70, 70, 70], 'v1', 'v2']);
  });
});
