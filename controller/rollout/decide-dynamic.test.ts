import { describe, expect, it } from 'vitest';
import { ROUTED, rolloutSpec, Stage } from '../../test/simulate/stage.ts';
import type { RolloutSpecStrategyCanary } from '../api/generated/rollout.ts';
import { decideRollout } from './decide.ts';

type Canary = Partial<RolloutSpecStrategyCanary>;
const HALF: Canary = { steps: [{ setWeight: 20 }, { pause: {} }, { setWeight: 50 }, { pause: {} }] };

/** v1 serves, and v2 is rolled out. */
function updating(canary: Canary = {}, replicas = 10): Stage {
  const spec = rolloutSpec('v1', replicas, { ...ROUTED, dynamicStableScale: true, ...HALF, ...canary });
  const stage = new Stage(spec, decideRollout);
  stage.run();
  stage.wait(60);
  stage.setImage('v2');
  stage.run();
  return stage;
}

/** Every number of pods of both versions and every weight, as they follow each other. */
function walk(stage: Stage, until: () => void): string[] {
  const seen: string[] = [];
  const { cluster } = stage;
  const before = cluster.onChange;
  cluster.onChange = (change) => {
    before(change);
    const { v1 = 0, v2 = 0 } = stage.pods;
    const now = `${v1}+${v2}@${stage.weight}`;
    if (seen.at(-1) !== now) seen.push(now);
  };
  until();
  return seen;
}

const sum = (line: string): number => {
  const [v1 = 0, v2 = 0] = line.split('@')[0]?.split('+').map(Number) ?? [];
  return v1 + v2;
};

describe('dynamicStableScale', () => {
  it('gives the stable version the pods of its share, after the requests have left it', () => {
    const stage = updating();
    expect([stage.pods, stage.weight]).toEqual([{ v1: 8, v2: 2 }, 20]);
    expect(walk(stage, () => stage.promote())).toEqual(['8+2@20', '8+5@20', '8+5@50', '5+5@50']);
    stage.promote();
    stage.wait(31);
    expect([stage.pods, stage.weight, stage.status.phase]).toEqual([{ v2: 10 }, 0, 'Healthy']);
  });

  it('keeps one pod while a Service still points at the stable version', () => {
    const stage = updating({ steps: [{ setWeight: 100 }, { pause: {} }] });
    expect([stage.pods, stage.weight]).toEqual([{ v1: 1, v2: 10 }, 100]);
  });

  it('takes the pods under test back with their requests after an abort, as the stable ones come', () => {
    const stage = updating({ ...HALF, maxUnavailable: 0 });
    stage.promote();
    stage.cluster.patchStatus({ abort: true });
    stage.decide();
    expect([stage.pods, stage.weight]).toEqual([{ v1: 10, v2: 5 }, 50]);
    stage.run();
    expect([stage.pods, stage.weight]).toEqual([{ v1: 10 }, 0]);
  });

  it('keeps the pods under test for the delay, or for ever, where that is said', () => {
    for (const [abortScaleDownDelaySeconds, then] of [
      [30, { v1: 10 }],
      [0, { v1: 10, v2: 5 }],
    ] as const) {
      const stage = updating({ ...HALF, abortScaleDownDelaySeconds });
      stage.promote();
      stage.cluster.patchStatus({ abort: true });
      stage.run();
      expect([stage.pods, stage.weight]).toEqual([{ v1: 10, v2: 5 }, 0]);
      stage.wait(31);
      expect(stage.pods).toEqual(then);
    }
  });

  it('does not scale an aborted version up again when there are more replicas', () => {
    const stage = updating({ ...HALF, maxUnavailable: 0 });
    stage.promote();
    stage.cluster.patchStatus({ abort: true });
    stage.decide();
    stage.scale(20);
    stage.decide();
    expect(stage.pods).toEqual({ v1: 20, v2: 5 });
    stage.run();
    expect([stage.pods, stage.weight]).toEqual([{ v1: 20 }, 0]);
  });

  it('follows another number of replicas in the middle, both versions by their share', () => {
    const stage = updating();
    stage.promote();
    stage.scale(20);
    stage.run();
    expect([stage.pods, stage.weight]).toEqual([{ v1: 10, v2: 10 }, 50]);
    stage.scale(4);
    stage.run();
    expect([stage.pods, stage.weight]).toEqual([{ v1: 2, v2: 2 }, 50]);
  });

  it('takes the requests from a second version only as the stable one can carry them, when a third comes', () => {
    const stage = updating({ steps: [{ setWeight: 80 }, { pause: {} }], maxUnavailable: 0 });
    expect([stage.pods, stage.weight]).toEqual([{ v1: 2, v2: 8 }, 80]);
    stage.setImage('v3');
    stage.decide();
    expect([stage.pods['v1'], stage.pods['v2'], stage.weight]).toEqual([10, 8, 80]);
    stage.run();
    expect([stage.pods, stage.weight, stage.behind('canary')]).toEqual([{ v1: 2, v2: 8, v3: 8 }, 80, 'v3']);
    stage.wait(31);
    expect(stage.pods).toEqual({ v1: 2, v3: 8 });
  });

  it('keeps the pods for requests that come back in the same decision', () => {
    const stage = updating({ steps: [{ setWeight: 34 }, { pause: {} }, { setWeight: 67 }, { pause: {} }] }, 3);
    stage.promote();
    expect([stage.pods, stage.weight]).toEqual([{ v1: 1, v2: 3 }, 67]);
    stage.setImage('v3');
    const seen = walk(stage, () => stage.run());
    // The weight of v2 goes to 0 before v3 has any; until then v1 has to carry everything.
    const zero = seen.findIndex((line) => line.endsWith('@0'));
    expect(seen.slice(zero).every((line) => !line.endsWith('@0') || line.startsWith('3+'))).toBe(true);
  });

  it('moves the requests with the pods when it is promoted in full', () => {
    const stage = updating();
    stage.cluster.patchStatus({ promoteFull: true });
    stage.run();
    stage.wait(31);
    expect([stage.pods, stage.status.stableRS === stage.status.currentPodHash]).toEqual([{ v2: 10 }, true]);
  });

  it('needs trafficRouting, and goes with no scaleDownDelaySeconds', () => {
    const stage = updating();
    stage.setCanary({ scaleDownDelaySeconds: 5 });
    stage.run();
    expect(stage.condition('InvalidSpec')?.message).toMatch(/canary\.dynamicStableScale: cannot be combined/);
  });
});

describe('dynamicStableScale with maxSurge', () => {
  it.each([
    [10, { maxSurge: 0, maxUnavailable: 1 }, 11],
    [10, { maxSurge: 1, maxUnavailable: 0 }, 11],
    [10, { maxSurge: 3, maxUnavailable: 2 }, 13],
    [7, { maxSurge: 1, maxUnavailable: 0 }, 8],
    [3, { maxSurge: 0, maxUnavailable: 1 }, 4],
    [1, { maxSurge: 0, maxUnavailable: 1 }, 2],
  ])('%i replicas with %j never have more than %i pods, there, back, and to the end', (replicas, limits, most) => {
    const stage = new Stage(
      rolloutSpec('v1', replicas, { ...ROUTED, dynamicStableScale: true, ...HALF, ...limits }),
      decideRollout,
    );
    stage.world.quota = () => most;
    const seen = walk(stage, () => {
      stage.run();
      stage.setImage('v2');
      stage.run();
      stage.promote();
      expect(stage.weight).toBe(50);
      stage.cluster.patchStatus({ abort: true });
      stage.run();
      stage.wait(31);
      expect([stage.pods, stage.weight]).toEqual([{ v1: replicas }, 0]);
      stage.cluster.patchStatus({ abort: false });
      stage.run();
      for (let i = 0; i < 2; i += 1) stage.promote();
      stage.wait(31);
      stage.wait(31);
    });
    expect([stage.pods, stage.status.phase]).toEqual([{ v2: replicas }, 'Healthy']);
    expect(Math.max(...seen.map(sum))).toBeLessThanOrEqual(most);
  });

  it('without steps the requests move with the pods, too', () => {
    const stage = updating({ steps: [], maxSurge: 1, maxUnavailable: 0 }, 4);
    stage.wait(31);
    stage.wait(31);
    expect([stage.pods, stage.status.phase]).toEqual([{ v2: 4 }, 'Healthy']);
  });

  it('an abort gets through a quota that has no room, as far as maxUnavailable allows', () => {
    const stage = updating({ ...HALF, maxUnavailable: 1 });
    stage.promote();
    stage.world.quota = () => 10;
    stage.cluster.patchStatus({ abort: true });
    const seen = walk(stage, () => stage.run());
    // The ReplicaSet of v1 wants ten at once, and gets each that v2 gives up.
    expect(seen.join(' ')).toBe('5+5@40 10+5@40 10+4@40 10+4@30 10+3@30 10+3@20 10+2@20 10+2@10 10+1@10 10+1@0 10+0@0');
    expect([stage.pods, stage.weight]).toEqual([{ v1: 10 }, 0]);
  });
});
