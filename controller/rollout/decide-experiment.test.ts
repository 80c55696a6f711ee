import { describe, expect, it } from 'vitest';
import type { Route } from '../../test/simulate/model-cluster.ts';
import { ROUTED, rolloutSpec, Stage } from '../../test/simulate/stage.ts';
import type { Experiment } from '../api/generated/experiment.ts';
import type { RolloutSpecStrategyCanaryStepExperiment } from '../api/generated/rollout.ts';
import { promote } from './actions.ts';
import { decideRollout } from './decide.ts';

const BOTH: RolloutSpecStrategyCanaryStepExperiment = {
  templates: [
    { name: 'baseline', specRef: 'stable' },
    { name: 'candidate', specRef: 'canary', replicas: 2 },
  ],
  analyses: [
    {
      name: 'errors',
      templateName: 'errors',
      args: [
        { name: 'hash', valueFrom: { podTemplateHashValue: 'Latest' } },
        { name: 'own', value: '{{templates.candidate.podTemplateHash}}' },
      ],
    },
  ],
  duration: '30m',
};
const STEPS = [{ setWeight: 20 }, { experiment: BOTH }, { setWeight: 50 }, { pause: {} }];

/** A rollout of v2 at 20 %, with the experiment under way. */
function testing(steps: object[] = STEPS): Stage {
  const stage = new Stage(rolloutSpec('v1', 10, { ...ROUTED, steps }), decideRollout);
  stage.run();
  stage.setImage('v2');
  stage.run();
  return stage;
}

const all = (stage: Stage): Experiment[] => stage.cluster.list<Experiment>('experiment');
const names = (stage: Stage): string[] => all(stage).map(({ metadata }) => metadata.name);
const terminated = (stage: Stage): unknown[] => all(stage).map(({ spec }) => spec.terminate);
const imageOf = (template: { template: Record<string, unknown> } | undefined): unknown =>
  (template?.template as { spec: { containers: { image: string }[] } } | undefined)?.spec.containers[0]?.image;

describe('an experiment step', () => {
  it('makes one Experiment of the pods of both versions, and waits for its verdict', () => {
    const stage = testing();
    const hash = stage.status.currentPodHash;
    expect(names(stage)).toEqual([`fraud-${hash}-2-1`]);
    const [made] = all(stage);
    expect(made?.metadata).toMatchObject({
      labels: { 'rollouts-pod-template-hash': hash },
      annotations: { 'slipway.dev/revision': '2' },
      ownerReferences: [{ kind: 'Rollout', name: 'fraud', controller: true }],
    });
    expect(made?.spec).toMatchObject({
      duration: '30m',
      analyses: [
        {
          args: [
            { name: 'hash', value: hash },
            { name: 'own', value: '{{templates.candidate.podTemplateHash}}' },
          ],
        },
      ],
    });
    expect(made?.spec.templates.map((template) => [template.name, imageOf(template), template.replicas])).toEqual([
      ['baseline', 'v1', undefined],
      ['candidate', 'v2', 2],
    ]);
    for (const { selector, template } of made?.spec.templates ?? []) {
      expect(selector).toEqual({ matchLabels: { app: 'fraud' } });
      expect(template).toMatchObject({ metadata: { labels: { app: 'fraud' } } });
    }
    expect(stage.status).toMatchObject({ step: '1/4', canary: { currentExperiment: `fraud-${hash}-2-1` } });
    expect(stage.takeReasons()).toContain('ExperimentCreated');
    // The deadline of the update stands still meanwhile.
    stage.wait(3600);
    expect(stage.status).toMatchObject({ phase: 'Progressing', step: '1/4' });
    expect([stage.weight, names(stage).length]).toEqual([20, 1]);
  });

  it('gives pods its own labels, selector, annotations and Service, also a long-named one', () => {
    const template = {
      name: 'candidate',
      specRef: 'canary' as const,
      metadata: { labels: { role: 'test' }, annotations: { note: 'x' } },
      selector: { matchLabels: { role: 'test' } },
      service: {},
    };
    const stage = new Stage(
      rolloutSpec('v1', 2, {
        ...ROUTED,
        steps: [
          {
            experiment: {
              templates: [
                template,
                { ...template, name: 'a'.repeat(60), service: {} },
                { ...template, name: 'mine', service: { name: 'mine' } },
              ],
            },
          },
        ],
      }),
      decideRollout,
    );
    const withPorts = (image: string) =>
      stage.cluster.changeSpec((spec) => ({
        ...spec,
        template: {
          metadata: { labels: { app: 'fraud' } },
          spec: { containers: [{ name: 's', image, ports: [{ containerPort: 80 }] }] },
        },
      }));
    withPorts('v1');
    stage.run();
    withPorts('v2');
    stage.run();
    const templates = all(stage)[0]?.spec.templates;
    expect(templates?.[0]).toMatchObject({
      selector: { matchLabels: { role: 'test' } },
      template: { metadata: { labels: { app: 'fraud', role: 'test' }, annotations: { note: 'x' } } },
    });
    expect(templates?.map(({ service }) => service)).toEqual([
      {},
      { name: expect.stringMatching(/^e-[a-z0-9]{10}$/) },
      { name: 'mine' },
    ]);
  });

  it('does not take over what marks the pods of a version for its part in the release', () => {
    const marks = { stableMetadata: { labels: { role: 'stable' } }, canaryMetadata: { labels: { role: 'canary' } } };
    const stage = new Stage(rolloutSpec('v1', 10, { ...ROUTED, ...marks, steps: STEPS }), decideRollout);
    stage.run();
    stage.setImage('v2');
    stage.run();
    expect(all(stage)[0]?.spec.templates.map(({ template }) => template['metadata'])).toEqual([
      { labels: { app: 'fraud' } },
      { labels: { app: 'fraud' } },
    ]);
  });

  it('lets the update go on when it is good', () => {
    const stage = testing();
    stage.endExperiment('Successful');
    stage.run();
    expect([stage.weight, stage.status.step, stage.status.canary?.currentExperiment]).toEqual([50, '3/4', undefined]);
    expect(stage.takeReasons()).toContain('ExperimentSuccessful');
  });

  it.each(['Failed', 'Error'] as const)('aborts when the verdict is %s, with its cause', (verdict) => {
    const stage = testing();
    const [name] = names(stage);
    stage.endExperiment(verdict);
    stage.reconciler.deliverAll();
    const said = stage.reconciler.reconcile()?.events.map(({ reason }) => reason);
    expect(said).toContain(`Experiment${verdict}`);
    expect(stage.weight).toBe(0);
    stage.run();
    expect(stage.status).toMatchObject({
      phase: 'Degraded',
      message: `RolloutAborted: Rollout aborted in step 2/4: Experiment ${name} ${verdict}: error-rate ${verdict}`,
    });
  });

  it('waits for a person when it is inconclusive, who may go on', () => {
    const stage = testing();
    stage.endExperiment('Inconclusive');
    stage.run();
    expect(stage.status).toMatchObject({ phase: 'Paused', message: 'InconclusiveExperiment', step: '1/4' });
    stage.wait(3600);
    expect(stage.weight).toBe(20);
    const { status } = promote(stage.cluster.rollout, false);
    expect(status).toEqual({ pauseConditions: null, controllerPause: false, currentStepIndex: 2 });
    stage.promote();
    expect([stage.weight, stage.status.step]).toEqual([50, '3/4']);
  });

  it('is terminated when nobody waits for it any more: an abort, another version, another step, a full promotion', () => {
    const ways: ((stage: Stage) => void)[] = [
      (stage) => stage.cluster.patchStatus({ abort: true }),
      (stage) => stage.setImage('v1'),
      (stage) => stage.cluster.patchStatus({ currentStepIndex: 2 }),
      (stage) => stage.cluster.patchStatus({ promoteFull: true }),
    ];
    for (const way of ways) {
      const stage = testing();
      way(stage);
      stage.run();
      expect(terminated(stage)).toEqual([true]);
      expect(stage.status.canary?.currentExperiment).toBeUndefined();
    }
    const replaced = testing();
    replaced.setImage('v3');
    replaced.run();
    expect(terminated(replaced)).toEqual([true, undefined]);
  });

  it('is done anew after a retry, and when somebody deleted it', () => {
    const stage = testing();
    const hash = stage.status.currentPodHash;
    stage.endExperiment('Failed');
    stage.run();
    stage.cluster.patchStatus({ abort: false });
    stage.run();
    expect(names(stage)).toEqual([`fraud-${hash}-2-1`, `fraud-${hash}-2-1-1`]);
    stage.cluster.remove('experiment', `fraud-${hash}-2-1-1`);
    stage.run();
    expect(names(stage)).toEqual([`fraud-${hash}-2-1`, `fraud-${hash}-2-1-1`]);
    stage.endExperiment('Successful');
    stage.run();
    expect(stage.weight).toBe(50);
  });

  it('may be the first step: the version under test is made, without a pod and without a request', () => {
    const stage = testing([{ experiment: BOTH }, { setWeight: 50 }, { pause: {} }]);
    expect([names(stage).length, stage.pods, stage.weight]).toEqual([1, { v1: 10 }, 0]);
    stage.endExperiment('Successful');
    stage.run();
    expect([stage.pods, stage.weight]).toEqual([{ v1: 10, v2: 5 }, 50]);
  });

  it('keeps a bad verdict even while the spec is paused, or waits with other steps', () => {
    const stage = testing();
    stage.cluster.changeSpec((spec) => ({ ...spec, paused: true }));
    stage.setCanary({ steps: [{ setWeight: 20 }, { pause: {} }] });
    stage.endExperiment('Failed');
    stage.run();
    expect([stage.weight, stage.status.abort]).toEqual([0, true]);
  });

  it('is kept up to the limits of the history, and goes with its version', () => {
    const stage = testing();
    stage.cluster.changeSpec((spec) => ({ ...spec, analysis: { unsuccessfulRunHistoryLimit: 1 } }));
    for (let i = 0; i < 3; i += 1) {
      stage.cluster.now += 1000;
      stage.endExperiment('Failed');
      stage.run();
      stage.cluster.patchStatus({ abort: false });
      stage.run();
    }
    const hash = stage.status.currentPodHash;
    expect(names(stage)).toEqual([`fraud-${hash}-2-1-2`, `fraud-${hash}-2-1-3`]);
  });
});

describe('an experiment with weights', () => {
  const template = { metadata: { labels: { app: 'fraud' } } };
  const pods = (image: string) => ({
    ...template,
    spec: { containers: [{ name: 's', image, ports: [{ containerPort: 80 }] }] },
  });
  const WEIGHTED = { experiment: { templates: [{ name: 'a', specRef: 'canary' as const, weight: 10 }] } };

  function weighted(): Stage {
    const steps = [{ setWeight: 20 }, WEIGHTED, { setWeight: 50 }, { pause: {} }];
    const stage = new Stage(rolloutSpec('v1', 10, { ...ROUTED, steps }, { template: pods('v1') }), decideRollout);
    stage.run();
    stage.cluster.changeSpec((spec) => ({ ...spec, template: pods('v2') }));
    stage.run();
    return stage;
  }
  const runs = (stage: Stage, status: 'Running' | 'Progressing' = 'Running'): string => {
    const [made] = all(stage);
    if (made === undefined) throw new Error('no experiment');
    const serviceName = `${made.metadata.name}-a`;
    const templateStatuses = [{ name: 'a', status, serviceName, podTemplateHash: 'x' }];
    stage.cluster.put('experiment', {
      ...made,
      status: { phase: status === 'Running' ? 'Running' : 'Pending', templateStatuses },
    });
    return serviceName;
  };
  const additional = (stage: Stage) => stage.cluster.get<Route>('route', 'route')?.additional ?? [];

  it('gets its share of the stable version once its pods serve, recorded before it is written', () => {
    const stage = weighted();
    expect(all(stage)[0]?.spec.templates[0]?.service).toEqual({});
    expect(additional(stage)).toEqual([]);
    const service = runs(stage);
    stage.reconciler.deliverAll();
    const first = stage.reconciler.reconcile();
    expect(first?.commands).toEqual([]);
    expect(first?.status.canary?.weights).toMatchObject({
      canary: { weight: 20 },
      stable: { weight: 70 },
      additional: [{ weight: 10, serviceName: service, podTemplateHash: 'x' }],
      verified: false,
    });
    stage.run();
    expect([stage.weight, additional(stage)]).toEqual([20, [{ service, weight: 10 }]]);
    expect(stage.status.canary?.weights?.verified).toBe(true);
    expect(stage.events.at(-1)?.message).toContain(`of the experiment: ${service} 10`);
  });

  it.each<[string, (stage: Stage) => void, number]>([
    ['a good end', (stage) => stage.endExperiment('Successful'), 50],
    ['an abort', (stage) => stage.cluster.patchStatus({ abort: true }), 0],
    ['pods that serve no more', (stage) => void runs(stage, 'Progressing'), 20],
  ])('gives it back after %s, and is recorded until the router has confirmed it', (_, end, weight) => {
    const stage = weighted();
    runs(stage);
    stage.run();
    end(stage);
    stage.decide();
    expect(additional(stage)).toEqual([]);
    expect(stage.status.canary?.weights?.additional).toHaveLength(1);
    stage.run();
    expect([stage.weight, stage.status.canary?.weights?.additional]).toEqual([weight, undefined]);
  });
});

describe('an experiment step that cannot be acted on', () => {
  const template = { name: 'a', specRef: 'canary' };
  it.each<[string, object, string]>([
    ['no template', { templates: [] }, 'experiment.templates: name at least one template'],
    [
      'another version',
      { templates: [{ name: 'a', specRef: 'old' }] },
      'experiment.templates[0].specRef: write canary or stable',
    ],
    ['duration', { templates: [template], duration: 'x' }, 'experiment.duration: "x" is no duration'],
    [
      'label',
      { templates: [{ ...template, metadata: { labels: { a: 'b c' } } }] },
      "experiment.templates[0].metadata.labels['a']",
    ],
    [
      'selector',
      { templates: [{ ...template, selector: { matchLabels: { x: 'y' } } }] },
      'experiment.templates[0].selector: does not match',
    ],
    [
      'Service without port',
      { templates: [{ ...template, service: {} }] },
      'experiment.templates[0].service: no container',
    ],
    [
      'weight without a port',
      { templates: [{ ...template, weight: 5 }] },
      'experiment.templates[0].weight: no container',
    ],
    [
      'too much weight',
      { templates: [{ ...template, weight: 81 }] },
      'experiment.templates[0].weight: with the weight of the canary there are 101 percent: at most 100',
    ],
    [
      'analysis template',
      { templates: [template], analyses: [{ name: 'a', templateName: 'none' }] },
      'experiment.analyses[0].templateName: AnalysisTemplate "none" does not exist',
    ],
    [
      'rule',
      { templates: [template], analyses: [{ name: 'a', templateName: 'errors' }], dryRun: [{ metricName: 'lag' }] },
      'experiment.dryRun[0].metricName: "lag" matches none',
    ],
    [
      'metadata',
      { templates: [template], analysisRunMetadata: { labels: { 'a b': '' } } },
      "experiment.analysisRunMetadata.labels['a b']",
    ],
  ])('%s: says where, and goes on when it is corrected', (_, experiment, message) => {
    const stage = testing([{ setWeight: 20 }, { pause: {} }]);
    stage.setCanary({ steps: [{ setWeight: 20 }, { experiment } as never] });
    stage.run();
    expect(stage.status.message).toContain(`InvalidSpec: spec.strategy.canary.steps[1].${message}`);
    expect(all(stage)).toEqual([]);
    stage.setCanary({ steps: STEPS });
    stage.run();
    expect(all(stage)).toHaveLength(1);
  });
});
