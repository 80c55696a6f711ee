import { describe, expect, it } from 'vitest';
import { experimentSpec, Life, podTemplate } from '../../../test/experiments/life.ts';
import type { ExperimentSpec } from '../../api/generated/experiment.ts';
import { POD_TEMPLATE_HASH_LABEL, SCALE_DOWN_DEADLINE_ANNOTATION } from '../../api/names.ts';

const ERRORS = { name: 'errors', templateName: 'errors' };
const REQUIRED = { ...ERRORS, requiredForCompletion: true };

/** All pods serve and the analyses have begun. */
function running(more: Partial<ExperimentSpec> = {}): Life {
  const life = new Life(experimentSpec(more));
  life.settle();
  life.serve();
  return life;
}

describe('pods', () => {
  it('come up side by side, marked, and with a hash of their own', () => {
    const life = new Life(experimentSpec({ templates: [podTemplate('a'), podTemplate('b', { replicas: 3 })] }));
    life.settle();
    expect(life.pods).toEqual({ a: 1, b: 3 });
    expect(life.phase).toBe('Pending');
    const [a, b] = [...life.replicaSets.values()];
    expect(a?.metadata).toMatchObject({
      name: 'e-a',
      annotations: { 'slipway.dev/experiment': 'e', 'slipway.dev/experiment-template': 'a' },
      ownerReferences: [{ kind: 'Experiment', name: 'e', uid: 'u', controller: true }],
    });
    const hash = a?.metadata.labels?.[POD_TEMPLATE_HASH_LABEL];
    expect(a?.spec.selector).toEqual({ matchLabels: { app: 'a', [POD_TEMPLATE_HASH_LABEL]: hash } });
    expect(a?.spec.template.metadata?.labels).toEqual({ app: 'a', [POD_TEMPLATE_HASH_LABEL]: hash });
    expect(b?.metadata.labels?.[POD_TEMPLATE_HASH_LABEL]).not.toBe(hash);
    life.serve('a');
    expect([life.phase, life.statusOf('a'), life.statusOf('b')]).toEqual(['Pending', 'Running', 'Progressing']);
    life.serve('b');
    expect([life.phase, life.status.availableAt]).toEqual(['Running', '2026-01-01T00:00:00Z']);
  });

  it.each([
    [undefined, 600],
    [30, 30],
  ])(
    'that do not serve within progressDeadlineSeconds (%s) fail it, counted from their last change',
    (given, seconds) => {
      const life = new Life(experimentSpec(given === undefined ? {} : { progressDeadlineSeconds: given }));
      life.settle();
      life.serve('a');
      life.wait(seconds - 1);
      life.serve('b', 0);
      life.wait(seconds);
      expect(life.phase).toBe('Pending');
      life.wait(1);
      expect([life.phase, life.status.message]).toEqual([
        'Failed',
        `Template 'b' exceeded its progressDeadlineSeconds (${seconds})`,
      ]);
      expect(life.statusOf('a')).toBe('Successful');
    },
  );

  it('that stop to serve while it runs have the same deadline', () => {
    const life = running({ progressDeadlineSeconds: 60 });
    life.serve('a', 0);
    expect([life.phase, life.statusOf('a')]).toEqual(['Pending', 'Progressing']);
    life.wait(30);
    life.serve('a');
    expect(life.phase).toBe('Running');
    life.serve('a', 0);
    life.wait(61);
    expect(life.phase).toBe('Failed');
  });

  it('that somebody scaled are brought back', () => {
    const life = running();
    const a = life.replicaSets.get('e-a');
    if (a !== undefined) life.replicaSets.set('e-a', { ...a, spec: { ...a.spec, replicas: 5 } });
    life.settle();
    expect(life.pods).toEqual({ a: 1, b: 1 });
  });

  it('stay for scaleDownDelaySeconds after the end, then go', () => {
    const life = running({ duration: '1m', scaleDownDelaySeconds: 20 });
    life.wait(60);
    expect([life.phase, life.pods]).toEqual(['Successful', { a: 1, b: 1 }]);
    expect(life.replicaSets.get('e-a')?.metadata.annotations?.[SCALE_DOWN_DEADLINE_ANNOTATION]).toBe(
      '2026-01-01T00:01:20Z',
    );
    expect(life.settle().requeueAfterMs).toBe(20_000);
    life.wait(19);
    expect(life.pods).toEqual({ a: 1, b: 1 });
    life.wait(1);
    expect(life.pods).toEqual({ a: 0, b: 0 });
    expect(life.settle().requeueAfterMs).toBeUndefined();
  });

  it('go at once with a delay of 0, and after 30 s without one', () => {
    const atOnce = running({ duration: '1m', scaleDownDelaySeconds: 0 });
    atOnce.wait(60);
    expect(atOnce.pods).toEqual({ a: 0, b: 0 });
    const later = running({ duration: '1m' });
    later.wait(60);
    later.wait(29);
    expect(later.pods).toEqual({ a: 1, b: 1 });
    later.wait(1);
    expect(later.pods).toEqual({ a: 0, b: 0 });
  });

  it('that the API server will not have end it with its words', () => {
    const life = new Life(experimentSpec());
    life.refused = { 'e-a': 'spec.template: Invalid value' };
    life.settle();
    expect([life.phase, life.status.message]).toEqual(['Error', 'spec.template: Invalid value']);
    expect(life.replicaSets.has('e-a')).toBe(false);
  });
});

describe('the end', () => {
  it('comes when the duration is over, counted from the time that all serve', () => {
    const life = new Life(experimentSpec({ duration: '1m' }));
    life.settle();
    life.wait(120);
    life.serve();
    expect(life.settle().requeueAfterMs).toBe(60_000);
    life.wait(59);
    expect(life.phase).toBe('Running');
    life.wait(1);
    expect(life.phase).toBe('Successful');
  });

  it('does not come by itself without a duration', () => {
    const life = running({ analyses: [ERRORS] });
    life.verdict('errors', 'Successful');
    life.wait(86_400);
    expect(life.phase).toBe('Running');
    expect(life.settle().requeueAfterMs).toBeUndefined();
  });

  it.each(['Failed', 'Error', 'Inconclusive'] as const)(
    'comes at once with the verdict %s, and stops the other analyses',
    (bad) => {
      const life = running({ duration: '1h', analyses: [ERRORS, { name: 'latency', templateName: 'latency' }] });
      life.verdict('errors', bad, 'error-rate 0.08');
      expect([life.phase, life.status.message]).toEqual([bad, 'error-rate 0.08']);
      expect(life.runs.get('e-latency')?.spec.terminate).toBe(true);
      life.verdict('latency', 'Inconclusive', 'stopped');
      expect(life.phase).toBe(bad);
      expect(life.status.analysisRuns?.map(({ phase }) => phase)).toEqual([bad, 'Inconclusive']);
      life.wait(30);
      expect(life.pods).toEqual({ a: 0, b: 0 });
    },
  );

  it('comes as soon as all required analyses have succeeded', () => {
    const both = [REQUIRED, { name: 'latency', templateName: 'latency' }];
    const life = running({ duration: '1h', analyses: both });
    life.verdict('errors', 'Successful');
    expect([life.phase, life.status.message]).toEqual(['Successful', 'Required AnalysisRuns completed']);
    expect(life.runs.get('e-latency')?.spec.terminate).toBe(true);
  });

  it('waits for the required analyses beyond the duration, with all pods', () => {
    const life = running({ duration: '1m', scaleDownDelaySeconds: 0, analyses: [REQUIRED] });
    life.wait(300);
    expect([life.phase, life.pods]).toEqual(['Running', { a: 1, b: 1 }]);
    life.verdict('errors', 'Failed');
    expect([life.phase, life.pods]).toEqual(['Failed', { a: 0, b: 0 }]);
  });

  it('does not wait for an analysis that is not required', () => {
    const life = running({ duration: '1m', analyses: [ERRORS] });
    life.verdict('errors', 'Running');
    life.wait(60);
    expect(life.phase).toBe('Successful');
    expect(life.runs.get('e-errors')?.spec.terminate).toBe(true);
  });

  it('comes when somebody terminates it; a required analysis still has to give its verdict', () => {
    const free = running();
    free.change({ terminate: true });
    expect(free.phase).toBe('Successful');
    const bound = running({ analyses: [REQUIRED] });
    bound.change({ terminate: true });
    expect([bound.phase, bound.runs.get('e-errors')?.spec.terminate]).toEqual(['Running', true]);
    bound.verdict('errors', 'Inconclusive', 'stopped before any was');
    expect([bound.phase, bound.status.message]).toEqual(['Inconclusive', 'stopped before any was']);
    const early = new Life(experimentSpec({ analyses: [REQUIRED] }));
    early.settle();
    early.change({ terminate: true });
    expect(early.phase).toBe('Inconclusive');
    expect(early.runs.size).toBe(0);
  });

  it('is final', () => {
    const life = running({ duration: '1m', analyses: [ERRORS] });
    life.wait(60);
    life.verdict('errors', 'Failed');
    life.serve('a', 0);
    life.wait(3600);
    expect(life.phase).toBe('Successful');
  });
});

describe('analyses', () => {
  it('are done again, with the pods, when somebody takes the status away: an old verdict counts for nothing', () => {
    const life = running({ scaleDownDelaySeconds: 0, analyses: [ERRORS] });
    life.verdict('errors', 'Failed');
    expect([life.phase, life.pods]).toEqual(['Failed', { a: 0, b: 0 }]);
    life.serve();
    const { status: _, ...rest } = life.experiment;
    life.experiment = rest;
    life.settle();
    expect([life.phase, life.pods]).toEqual(['Pending', { a: 1, b: 1 }]);
    life.serve();
    expect([life.phase, [...life.runs.keys()]]).toEqual(['Running', ['e-errors', 'e-errors.1']]);
    expect(life.status.analysisRuns?.[0]?.analysisRun).toBe('e-errors.1');
  });

  it('begin when all pods serve, with arguments, rules and metadata', () => {
    const args = [
      { name: 'hash', value: '{{templates.a.podTemplateHash}}' },
      { name: 'set', value: 'rs {{ templates.b.replicaset.name }}' },
      { name: 'from', value: '{{experiment.availableAt}}/{{experiment.finishedAt}}' },
    ];
    const life = new Life(
      experimentSpec({
        duration: '90s',
        analyses: [
          { ...ERRORS, args },
          { name: 'latency', templateName: 'latency' },
        ],
        dryRun: [{ metricName: 'p99' }],
        measurementRetention: [{ metricName: '.*', limit: 20 }],
        analysisRunMetadata: { labels: { team: 'risk' } },
      }),
    );
    const { errors } = life.templates;
    if (errors?.state === 'found') errors.spec.args = args.map(({ name }) => ({ name }));
    life.settle();
    life.serve('a');
    expect(life.runs.size).toBe(0);
    life.serve('b');
    const hash = life.replicaSets.get('e-a')?.metadata.labels?.[POD_TEMPLATE_HASH_LABEL];
    expect(life.runs.get('e-errors')).toMatchObject({
      metadata: { labels: { team: 'risk' }, ownerReferences: [{ kind: 'Experiment', uid: 'u' }] },
      spec: {
        args: [
          { name: 'hash', value: hash },
          { name: 'set', value: 'rs e-b' },
          { name: 'from', value: '2026-01-01T00:00:00Z/2026-01-01T00:01:30Z' },
        ],
        measurementRetention: [{ metricName: '.*', limit: 20 }],
      },
    });
    // A rule is for all analyses and goes to those whose metrics it is about.
    expect(life.runs.get('e-errors')?.spec.dryRun).toBeUndefined();
    expect(life.runs.get('e-latency')?.spec.dryRun).toEqual([{ metricName: 'p99' }]);
    expect(life.status.analysisRuns?.[0]).toEqual({ name: 'errors', analysisRun: 'e-errors', phase: 'Pending' });
  });

  it.each<[string, (life: Life) => void, string]>([
    [
      'a run that somebody deleted',
      (life) => void life.runs.delete('e-errors'),
      'AnalysisRun e-errors is gone, and had no verdict',
    ],
  ])('%s is no success', (_, harm, message) => {
    const life = running({ analyses: [ERRORS] });
    harm(life);
    life.settle();
    expect([life.phase, life.status.message]).toEqual(['Error', message]);
  });

  it('whose template has gone meanwhile end it', () => {
    const life = new Life(experimentSpec({ analyses: [ERRORS] }));
    life.settle();
    life.templates = {};
    life.serve();
    expect([life.phase, life.status.message]).toEqual([
      'Error',
      'spec.analyses[0].templateName: AnalysisTemplate "errors" does not exist: create it or correct the name',
    ]);
  });
});

describe('Services', () => {
  const WITH = experimentSpec({
    templates: [podTemplate('a', { service: {} }), podTemplate('b', { service: { name: 'mine' } })],
    duration: '1m',
    scaleDownDelaySeconds: 20,
  });

  it('are made with the pods, reach only them, and go after them', () => {
    const life = new Life(WITH);
    life.settle();
    const hash = life.replicaSets.get('e-a')?.metadata.labels?.[POD_TEMPLATE_HASH_LABEL];
    expect([...life.services.keys()]).toEqual(['e-a', 'mine']);
    expect(life.services.get('e-a')?.spec).toEqual({
      selector: { app: 'a', [POD_TEMPLATE_HASH_LABEL]: hash },
      ports: [{ protocol: 'TCP', port: 8080, targetPort: 8080 }],
    });
    life.serve();
    expect(life.status.templateStatuses).toMatchObject([
      { serviceName: 'e-a', podTemplateHash: hash },
      { serviceName: 'mine' },
    ]);
    life.wait(60);
    life.wait(20);
    expect([life.pods, life.services.size]).toEqual([{ a: 0, b: 0 }, 2]);
    life.serve();
    expect(life.services.size).toBe(0);
  });

  it('keep their pods after the end for as long as a Rollout may send requests there', () => {
    const life = new Life(WITH);
    life.settle();
    life.serve();
    life.routedServices = ['mine'];
    life.wait(60);
    life.wait(600);
    expect([life.phase, life.pods]).toEqual(['Successful', { a: 0, b: 1 }]);
    life.routedServices = [];
    life.wait(0);
    expect(life.pods).toEqual({ a: 0, b: 1 });
    life.wait(20);
    expect(life.pods).toEqual({ a: 0, b: 0 });
  });

  it('whose name somebody else has end it', () => {
    const life = new Life(WITH);
    life.refused = { mine: 'Service n/mine exists and is not owned by this Experiment: delete or rename it' };
    life.settle();
    expect([life.phase, life.status.message]).toEqual(['Error', life.refused['mine']]);
  });
});

describe('a spec that cannot be acted on', () => {
  it.each<[string, ExperimentSpec, string]>([
    ['duration', experimentSpec({ duration: 'a while' }), 'spec.duration: "a while" is no duration'],
    [
      'selector',
      experimentSpec({ templates: [podTemplate('a', { selector: { matchLabels: { app: 'x' } } })] }),
      'spec.templates[0].selector: does not match',
    ],
    [
      'empty selector',
      experimentSpec({ templates: [podTemplate('a', { selector: {} })] }),
      'spec.templates[0].selector',
    ],
    [
      'minReadySeconds',
      experimentSpec({ templates: [podTemplate('a', { minReadySeconds: 601 })] }),
      'spec.templates[0].minReadySeconds: must not be above progressDeadlineSeconds (600)',
    ],
    [
      'ports',
      experimentSpec({
        templates: [podTemplate('a', { service: {}, template: { metadata: { labels: { app: 'a' } } } })],
      }),
      'spec.templates[0].service: no container of the template has a port',
    ],
    [
      'name of a Service',
      experimentSpec({ templates: [podTemplate('a'.repeat(63), { service: {} })] }),
      'spec.templates[0].service.name: ',
    ],
    [
      'Service used twice',
      experimentSpec({
        templates: [podTemplate('a', { service: {} }), podTemplate('b', { service: { name: 'e-a' } })],
      }),
      'spec.templates[1].service.name: "e-a" is used twice',
    ],
    [
      'analysis template',
      experimentSpec({ analyses: [ERRORS, { name: 'x', templateName: 'none' }] }),
      'spec.analyses[1].templateName: AnalysisTemplate "none" does not exist',
    ],
    [
      'rule',
      experimentSpec({ analyses: [ERRORS], dryRun: [{ metricName: 'lag' }] }),
      'spec.dryRun[0].metricName: "lag" matches none of the metrics error-rate',
    ],
    [
      'metadata',
      experimentSpec({ analyses: [ERRORS], analysisRunMetadata: { labels: { a: 'b c' } } }),
      "spec.analysisRunMetadata.labels['a']",
    ],
  ])('%s: begins nothing, says where, and begins when it is corrected', (_, spec, message) => {
    const life = new Life(spec);
    life.settle();
    expect(life.status).toMatchObject({
      phase: 'Pending',
      message: expect.stringContaining(`InvalidSpec: ${message}`),
    });
    expect(life.status.conditions).toMatchObject([{ type: 'InvalidSpec', status: 'True' }, { type: 'Progressing' }]);
    expect(life.replicaSets.size).toBe(0);
    expect(life.events.filter((event) => event.startsWith('Warning InvalidSpec'))).toHaveLength(1);
    life.change({ duration: '1m', dryRun: [], analyses: [], analysisRunMetadata: {}, templates: [podTemplate('a')] });
    expect(life.status).toMatchObject({ phase: 'Pending', conditions: [{ status: 'False' }, { status: 'True' }] });
    expect(life.status.message).toBeUndefined();
    expect(life.pods).toEqual({ a: 1 });
  });
});

it('tells its life in Events', () => {
  const life = running({ duration: '1m', analyses: [ERRORS] });
  life.verdict('errors', 'Failed', 'error-rate 0.08');
  expect(life.events).toEqual([
    "Normal TemplateProgressing Template 'a' transitioned from  -> Progressing",
    "Normal TemplateProgressing Template 'b' transitioned from  -> Progressing",
    'Normal ExperimentPending Experiment transitioned from  -> Pending',
    "Normal TemplateRunning Template 'a' transitioned from Progressing -> Running",
    "Normal TemplateRunning Template 'b' transitioned from Progressing -> Running",
    'Normal ExperimentRunning Experiment transitioned from Pending -> Running',
    "Normal AnalysisRunPending AnalysisRun 'errors' transitioned from  -> Pending",
    "Warning AnalysisRunFailed AnalysisRun 'errors' transitioned from Pending -> Failed: error-rate 0.08",
    'Warning ExperimentFailed Experiment transitioned from Running -> Failed: error-rate 0.08',
    "Normal TemplateSuccessful Template 'a' transitioned from Running -> Successful",
    "Normal TemplateSuccessful Template 'b' transitioned from Running -> Successful",
  ]);
  expect(life.status.conditions?.find(({ type }) => type === 'Progressing')).toMatchObject({
    status: 'False',
    reason: 'ExperimentEnded',
    message: 'Failed: error-rate 0.08',
  });
});
