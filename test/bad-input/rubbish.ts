import type { KubeObject } from '../../controller/kube/types.ts';

/** An object that today's CRD refuses, and what has to be said of it. */
export interface Rubbish {
  object: KubeObject;
  /** `Reason: message` of its Event and of its condition. */
  says: string;
  /**
   * The API server lets no status be written: its rules over the spec cannot be worked out on such types. Then there is
   * only the Event.
   */
  unwritable?: boolean;
}

/** An object of ours; `rest` is spec and status of any shape. */
export function ours(kind: string, name: string, rest: object): KubeObject {
  return { apiVersion: 'slipway.dev/v1alpha1', kind, metadata: { name }, ...rest };
}

/** What a Rollout needs besides its strategy. */
export const podsOf = (app: string) => ({
  replicas: 1,
  selector: { matchLabels: { app } },
  template: { metadata: { labels: { app } }, spec: { containers: [{ name: 'server', image: 'server:1' }] } },
});

const bad =
  (kind: string, reason: string) =>
  (name: string, spec: unknown, says: string, unwritable = false) => ({
    object: ours(kind, name, spec === undefined ? {} : { spec }),
    says: `${reason}: ${says}`,
    unwritable,
  });
const rollout = bad('Rollout', 'InvalidSpec');
const application = bad('Application', 'InvalidSpec');
const run = bad('AnalysisRun', 'AnalysisRunError');
const registry = bad('ModelRegistry', 'RegistryInvalid');
const clusterRegistry = bad('ClusterModelRegistry', 'RegistryInvalid');
const canary = (app: string, strategy: unknown, more: object = {}): object => ({
  ...podsOf(app),
  strategy: { canary: strategy },
  ...more,
});
const analysis = (templateName: string, more: object = {}): object => ({
  steps: [{ analysis: { templates: [{ templateName, ...more }] } }],
});
const WRONG = 'must be';
const source = { repoURL: 'http://127.0.0.1:9/x.git', targetRevision: 'main', path: '.' };

export const RUBBISH: readonly Rubbish[] = [
  rollout('no-spec', undefined, 'spec: is missing: set it'),
  // The rules of its CRD for the whole spec cannot be asked about a text, so no status can be written.
  rollout('text', 'text', `spec: is a string, ${WRONG} an object: correct it`, true),
  rollout('empty', {}, 'spec.strategy: is missing: set it'),
  rollout(
    'steps',
    canary('steps', { steps: 'many' }),
    `spec.strategy.canary.steps: is a string, ${WRONG} a list: correct it`,
  ),
  rollout('step', canary('step', { steps: [null] }), 'spec.strategy.canary.steps[0]: is missing: set it', true),
  rollout(
    'routing',
    canary('routing', { trafficRouting: 'x' }),
    `spec.strategy.canary.trafficRouting: is a string, ${WRONG} an object: correct it`,
    true,
  ),
  rollout(
    'surge',
    canary('surge', { maxSurge: {} }),
    `spec.strategy.canary.maxSurge: is an object, ${WRONG} an integer or a string: correct it`,
    true,
  ),
  rollout(
    'numbers',
    { ...podsOf('x'), selector: 7, strategy: {} },
    `spec.selector: is an integer, ${WRONG} an object: correct it`,
    true,
  ),
  rollout(
    'model',
    canary('model', {}, { model: 'fraud/8' }),
    `spec.model: is a string, ${WRONG} an object: correct it`,
  ),
  rollout(
    'kind',
    canary('kind', {}, { model: { registry: { kind: 'Odd', name: 'x' }, name: 'x', version: '1' } }),
    'spec.model.registry.kind: must be one of ModelRegistry, ClusterModelRegistry: correct it',
  ),
  rollout(
    'template',
    canary('template', analysis('text')),
    `spec.strategy.canary.steps[0].analysis.templates[0]: AnalysisTemplate "text": spec: is a string, ${WRONG} an object: correct it`,
  ),
  rollout(
    'cluster-template',
    canary('cluster-template', analysis('metrics', { clusterScope: true })),
    `spec.strategy.canary.steps[0].analysis.templates[0]: ClusterAnalysisTemplate "metrics": spec.metrics: is a string, ${WRONG} a list: correct it`,
  ),
  application('no-spec', undefined, 'spec: is missing: set it'),
  application('text', 'text', `spec: is a string, ${WRONG} an object: correct it`),
  application('empty', {}, 'spec.source: is missing: set it'),
  application(
    'numbers',
    { source: { ...source, repoURL: 7 } },
    `spec.source.repoURL: is an integer, ${WRONG} a string: correct it`,
    true,
  ),
  application(
    'automatic',
    { source, syncPolicy: 'auto' },
    `spec.syncPolicy: is a string, ${WRONG} an object: correct it`,
  ),
  run('no-spec', undefined, 'spec: is missing: set it'),
  run('text', 'text', `spec: is a string, ${WRONG} an object: correct it`),
  run('metrics', { metrics: 'none' }, `spec.metrics: is a string, ${WRONG} a list: correct it`),
  run('metric', { metrics: [{ name: 'x' }] }, 'spec.metrics[0].provider: is missing: set it'),
  registry('no-spec', undefined, 'spec: is missing: set it'),
  registry('text', 'text', `spec: is a string, ${WRONG} an object: correct it`),
  registry('url', { type: 'mlflow', url: 5 }, `spec.url: is an integer, ${WRONG} a string: correct it`),
  registry('type', { type: 'odd', url: 'http://127.0.0.1:9' }, 'spec.type: must be one of mlflow: correct it'),
  clusterRegistry('no-spec', undefined, 'spec: is missing: set it'),
];

/** Templates have no status: the Rollouts above that use them speak for them. */
export const RUBBISH_TEMPLATES: readonly KubeObject[] = [
  ours('AnalysisTemplate', 'no-spec', {}),
  ours('AnalysisTemplate', 'text', { spec: 'text' }),
  ours('ClusterAnalysisTemplate', 'metrics', { spec: { metrics: 'x' } }),
];

/** Statuses that no version of ours has written, by kind. */
export const RUBBISH_STATUSES: Readonly<Record<string, readonly unknown[]>> = {
  Rollout: [
    'text',
    {
      conditions: { a: 1 },
      phase: 7,
      canary: 'x',
      model: { writtenBack: 5, rejected: 'x', current: [] },
      abort: 'yes',
    },
    {
      pauseConditions: 'x',
      currentStepIndex: 'x',
      stableRS: 5,
      currentPodHash: {},
      conditions: [null, 5, { type: 'Old' }],
    },
  ],
  Application: [
    'text',
    { resources: 'all', history: {}, conditions: 'x', sync: [], health: 5, operationState: 'x' },
    {
      resources: [null, 5, { group: 1, kind: {} }],
      history: [null],
      conditions: [null, { type: 'Synced' }],
      sync: { status: 'Odd' },
    },
  ],
  AnalysisRun: [
    { phase: 'Odd', metricResults: 'x', conditions: 5, startedAt: 5 },
    {
      phase: 'Running',
      metricResults: [null, { name: 'x', measurements: [null, { phase: 5 }], count: 'x', phase: 'Odd' }],
    },
  ],
  ModelRegistry: ['text', { conditions: 'x', serverVersion: {} }],
};
