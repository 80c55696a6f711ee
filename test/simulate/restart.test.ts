import { describe, expect, it } from 'vitest';
import type { RolloutSpec } from '../../controller/api/generated/rollout.ts';
import { canonicalJson } from '../../controller/manifest/canonical.ts';
import { seededRandom } from '../../controller/platform/random.ts';
import { decideRollout } from '../../controller/rollout/decide.ts';
import { pick, randomSpec } from './random-spec.ts';
import { blueGreenSpec, ROUTED, rolloutSpec, Stage } from './stage.ts';

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

const EXPERIMENT_STEPS = [
  { experiment: { templates: [{ name: 'a', specRef: 'canary' as const }] } },
  { setWeight: 40 },
  { experiment: { templates: [{ name: 'b', specRef: 'stable' as const }] } },
];

/** The same with Experiments: each verdict, a retry, and another version in the middle. */
const EXPERIMENT_STORY: typeof STORY = [
  (stage) => stage.setImage('v2'),
  (stage) => stage.endExperiment('Successful'),
  (stage) => stage.endExperiment('Failed'),
  (stage) => stage.cluster.patchStatus({ abort: false }),
  (stage) => stage.endExperiment('Inconclusive'),
  (stage) => stage.cluster.patchStatus({ pauseConditions: null }),
  (stage) => stage.setImage('v3'),
  (stage) => stage.endExperiment('Successful'),
  (stage) => stage.endExperiment('Successful'),
];

/** The same for a blue-green Rollout: its pauses, verdicts, an abort, and the way back while the old pods are there. */
const BLUE_GREEN_STORY: typeof STORY = [
  (stage) => stage.setImage('v2'),
  (stage) => stage.endRun('Successful'),
  (stage) => stage.cluster.changeSpec((spec) => ({ ...spec, replicas: 7 })),
  (stage) => stage.cluster.patchStatus({ pauseConditions: null }),
  (stage) => stage.endRun('Failed'),
  (stage) => stage.cluster.patchStatus({ abort: false }),
  (stage) => stage.endRun('Successful'),
  (stage) => stage.cluster.patchStatus({ pauseConditions: null }),
  (stage) => stage.setImage('v3'),
  (stage) => stage.cluster.patchStatus({ promoteFull: true }),
  (stage) => stage.setImage('v1'),
  (stage) => stage.setImage('v3'),
];

const SERVICES = { canaryService: 'canary', stableService: 'stable' };
const ANALYSIS = { templates: [{ templateName: 'errors' }] };
const CASES: [string, RolloutSpec, typeof STORY][] = [
  ['a canary with traffic routing', rolloutSpec('v1', 5, { ...ROUTED, steps: STEPS }), STORY],
  ['a canary without', rolloutSpec('v1', 5, { ...SERVICES, steps: STEPS }), STORY],
  ['a canary with experiments', rolloutSpec('v1', 5, { ...ROUTED, steps: EXPERIMENT_STEPS }), EXPERIMENT_STORY],
  [
    'blue-green',
    blueGreenSpec('v1', 5, {
      autoPromotionEnabled: false,
      previewReplicaCount: 2,
      prePromotionAnalysis: ANALYSIS,
      postPromotionAnalysis: ANALYSIS,
    }),
    BLUE_GREEN_STORY,
  ],
];

/** Plays the story; the process dies before write number `dies`, and starts again. Returns where it ends. */
function play(spec: RolloutSpec, story: typeof STORY, dies: number): { end: string; writes: number } {
  const stage = new Stage(spec, decideRollout);
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
  for (const act of story) {
    act(stage);
    run();
  }
  stage.cluster.now += 40_000;
  run();
  const { conditions, ...status } = stage.status;
  // That a ReplicaSet was made just now is known only to the process that made it.
  const said = conditions?.map(({ type, status: value, reason, message }) =>
    /^(NewReplicaSetCreated|ReplicaSetUpdated)$/.test(reason) ? { type, value } : { type, value, reason, message },
  );
  const behind = ['stable', 'canary', 'active', 'preview'].map((service) => stage.behind(service));
  return { end: canonicalJson({ status, said, pods: stage.pods, weight: stage.weight, behind }), writes };
}

describe.each(CASES)('a controller that dies (%s)', (_what, spec, story) => {
  const whole = play(spec, story, 0);

  it('ends where it would have ended, whichever write it died before', () => {
    expect(whole.writes).toBeGreaterThan(40);
    for (let dies = 1; dies <= whole.writes; dies += 1) {
      expect(play(spec, story, dies).end, `died before write ${dies}`).toBe(whole.end);
    }
    // Hundreds of whole lives: long on a busy machine.
  }, 120_000);
});

/** What people do at random, one after the other. */
const DEEDS: typeof STORY = [
  (stage) => stage.setImage('v1'),
  (stage) => stage.setImage('v2'),
  (stage) => stage.setImage('v3'),
  (stage) => stage.scale(2),
  (stage) => stage.scale(5),
  (stage) => stage.cluster.patchStatus({ abort: true }),
  (stage) => stage.cluster.patchStatus({ abort: false }),
  (stage) => stage.cluster.patchStatus({ pauseConditions: null }),
  (stage) => stage.cluster.patchStatus({ promoteFull: true }),
  (stage) => stage.endRun('Successful'),
  (stage) => stage.endRun('Failed'),
  (stage) => {
    stage.cluster.now += 11_000;
  },
];

it('a controller that dies anywhere ends where it would have ended, whatever the Rollout and whatever people do', () => {
  for (let seed = 1; seed <= 100; seed += 1) {
    const random = seededRandom(seed);
    const { model: _, ...spec } = randomSpec(random);
    const story = Array.from({ length: 6 }, () => pick(random, DEEDS));
    const whole = play(spec, story, 0);
    for (let i = 0; i < 4; i += 1) {
      const dies = 1 + Math.floor(random() * whole.writes);
      expect(play(spec, story, dies).end, `seed ${seed}, died before write ${dies}`).toBe(whole.end);
    }
  }
}, 600_000);
