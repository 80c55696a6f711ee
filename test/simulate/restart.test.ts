import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../controller/manifest/canonical.ts';
import { decideRollout } from '../../controller/rollout/decide.ts';
import { ROUTED, rolloutSpec, Stage } from './stage.ts';

const STEPS = [
  { setWeight: 20 },
  { pause: {} },
  { analysis: { templates: [{ templateName: 'errors' }] } },
  { setWeight: 60 },
  { pause: { duration: 20 } },
];

/** What people do, one after the other; in between everything comes to rest. */
const STORY: readonly ((stage: Stage) => void)[] = [
  (stage) => stage.setImage('v2'),
  (stage) => stage.cluster.patchStatus({ pauseConditions: null }),
  (stage) => stage.cluster.changeSpec((spec) => ({ ...spec, replicas: 7 })),
  (stage) => stage.endRun('Failed'),
  (stage) => stage.cluster.patchStatus({ abort: false }),
  (stage) => stage.setImage('v3'),
  (stage) => stage.cluster.patchStatus({ pauseConditions: null }),
  (stage) => stage.endRun('Successful'),
  (stage) => {
    stage.cluster.now += 21_000;
  },
  (stage) => stage.setImage('v2'),
  (stage) => stage.setImage('v3'),
];

/** Plays the story; the process dies before write number `dies`, and starts again. Returns where it ends. */
function play(routed: boolean, dies: number): { end: string; writes: number } {
  const services = { canaryService: 'canary', stableService: 'stable' };
  const stage = new Stage(rolloutSpec('v1', 5, { ...(routed ? ROUTED : services), steps: STEPS }), decideRollout);
  let writes = 0;
  stage.reconciler.between = () => {
    writes += 1;
    if (writes === dies) throw new Error('died');
  };
  const run = (): void => {
    try {
      stage.run();
    } catch (error) {
      if (!(error instanceof Error && error.message === 'died')) throw error;
      stage.reconciler.restart();
      stage.run();
    }
  };
  run();
  for (const act of STORY) {
    act(stage);
    run();
  }
  stage.cluster.now += 40_000;
  run();
  const { conditions, ...status } = stage.status;
  const said = conditions?.map(({ type, status: value, reason, message }) => ({ type, value, reason, message }));
  const end = { status, said, pods: stage.pods, weight: stage.weight, stable: stage.behind('stable') };
  return { end: canonicalJson({ ...end, canary: stage.behind('canary') }), writes };
}

describe.each([true, false])('a controller that dies (traffic routing: %s)', (routed) => {
  const whole = play(routed, 0);

  it('ends where it would have ended, whichever write it died before', () => {
    expect(whole.writes).toBeGreaterThan(40);
    for (let dies = 1; dies <= whole.writes; dies += 1) {
      expect(play(routed, dies).end, `died before write ${dies}`).toBe(whole.end);
    }
  });
});
