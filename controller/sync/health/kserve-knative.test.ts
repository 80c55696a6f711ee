import { condition, golden, healthTable } from '../../../test/health-table.ts';
import type { KubeObject } from '../../kube/types.ts';

const isvc = (conditions: object[], status: object = {}, predictor: object = {}): KubeObject =>
  golden('serving.kserve.io/v1beta1', 'InferenceService', { spec: { predictor }, status: { ...status, conditions } });
const up = ['PredictorReady', 'IngressReady', 'Ready'].map((type) => condition(type, 'True'));
const loaded = { modelStatus: { transitionStatus: 'UpToDate', copies: { failedCopies: 0, totalCopies: 2 } } };
const notReady = (reason: string, message: string): object[] => [
  condition('PredictorReady', 'False', reason, message),
  condition('Ready', 'False', reason, message),
];
healthTable('inference-service', [
  ['ready', isvc(up, loaded), 'Healthy', '-', '2 copies'],
  ['ready, in Standard mode without model status', isvc(up), 'Healthy', '-', '3 of 3 conditions'],
  ['ready, and Stopped says False', isvc([...up, condition('Stopped', 'False')], loaded), 'Healthy', '-', '2 copies'],
  [
    'stopped',
    isvc([...notReady('Stopped', ''), condition('Stopped', 'True')]),
    'Suspended',
    'stopped',
    'serving.kserve.io/stop',
  ],
  ['new', isvc([]), 'Progressing', 'no-status', 'Ready is not reported'],
  [
    'blocked by a model that does not load, though the old one serves',
    isvc(up, {
      modelStatus: {
        transitionStatus: 'BlockedByFailedLoad',
        copies: { failedCopies: 1 },
        lastFailureInfo: { reason: 'ModelLoadFailed', message: 'no file MLmodel' },
      },
    }),
    'Degraded',
    'failed-load',
    'BlockedByFailedLoad: ModelLoadFailed: no file MLmodel: 1 failed copies',
  ],
  [
    'with a spec that no runtime takes',
    isvc([], { modelStatus: { transitionStatus: 'InvalidSpec', lastFailureInfo: { reason: 'NoSupportingRuntime' } } }),
    'Degraded',
    'failed-load',
    'NoSupportingRuntime',
  ],
  [
    'with a target that failed to load',
    isvc(up, { modelStatus: { transitionStatus: 'InProgress', states: { targetModelState: 'FailedToLoad' } } }),
    'Degraded',
    'failed-load',
    'targetModelState is FailedToLoad',
  ],
  [
    'with a failed revision',
    isvc(notReady('RevisionFailed', 'Container failed with: exit 1')),
    'Degraded',
    'terminal',
    'PredictorReady: RevisionFailed: Container failed',
  ],
  [
    'with pods that are starting',
    isvc(notReady('MinimumReplicasUnavailable', 'Deployment does not have minimum availability.')),
    'Progressing',
    'condition',
    '0 of 2 conditions are True; PredictorReady',
  ],
  [
    'whose new revision is not ready yet, though Ready still is',
    isvc(up, { ...loaded, components: { predictor: { latestCreatedRevision: 'm-2', latestReadyRevision: 'm-1' } } }),
    'Progressing',
    'revision',
    'm-2 is not ready, m-1 serves',
  ],
  [
    'in transition, though Ready',
    isvc(up, { modelStatus: { transitionStatus: 'InProgress', states: { targetModelState: 'Loading' } } }),
    'Progressing',
    'transition',
    'target Loading',
  ],
  [
    'scaled to zero, in transition for ever',
    isvc(up, { modelStatus: { transitionStatus: 'InProgress' } }, { minReplicas: 0 }),
    'Healthy',
    'scale-to-zero',
    'scale to zero',
  ],
]);

const llm = (conditions: object[], status: object = { observedGeneration: 2 }): KubeObject =>
  golden('serving.kserve.io/v1alpha2', 'LLMInferenceService', { status: { ...status, conditions } });
const parts = ['PresetsCombined', 'WorkloadsReady', 'RouterReady'].map((type) => condition(type, 'True'));
const llmReady = [...parts, condition('Ready', 'True')];
const llmDown = (reason: string, message: string): object[] => [
  condition('MainWorkloadReady', 'False', reason, message),
  condition('Ready', 'False', reason, message),
  condition('WorkloadsReady', 'False', reason, message),
];
healthTable('llm-inference-service', [
  ['ready', llm(llmReady), 'Healthy', '-', '4 of 4 conditions'],
  [
    'ready in an older generation',
    llm(llmReady, { observedGeneration: 1 }),
    'Progressing',
    'generation',
    'generation 2',
  ],
  [
    'whose condition is of an older generation',
    llm([condition('Ready', 'True', '', '', 1)], {}),
    'Progressing',
    'generation',
    'generation 1',
  ],
  ['new', llm([]), 'Progressing', 'no-status', 'not reported'],
  ['stopped', llm(llmDown('Stopped', '')), 'Suspended', 'stopped', 'stop'],
  [
    'crashing',
    llm(llmDown('WorkloadFailed', 'pod llama-0 is in CrashLoopBackOff')),
    'Degraded',
    'not-ready',
    'MainWorkloadReady: WorkloadFailed: pod llama-0',
  ],
  [
    'without its preset',
    llm([
      condition('PresetsCombined', 'False', 'ConfigNotFound', 'no config gpu'),
      condition('Ready', 'False', 'ConfigNotFound'),
    ]),
    'Degraded',
    'not-ready',
    'no config gpu',
  ],
  [
    'loading weights',
    llm(llmDown('MinimumReplicasUnavailable', '0 of 1 available')),
    'Progressing',
    'starting',
    '0 of 1 available',
  ],
  ['undecided', llm([...parts, condition('Ready', 'Unknown')]), 'Progressing', 'pending', '3 of 4'],
  [
    'in a group that does not work',
    llm([...llmReady, condition('GroupReady', 'False', 'ModelNameMismatch', 'v2 serves another name')]),
    'Degraded',
    'group',
    'ModelNameMismatch',
  ],
  [
    'in a group with a broken member',
    llm([...llmReady, condition('GroupReady', 'True'), condition('GroupDegraded', 'True', 'MembersUnresolved', 'v3')]),
    'Healthy',
    'group-degraded',
    'v3',
  ],
]);

const ksvc = (conditions: object[], status: object = {}, kind = 'Service'): KubeObject =>
  golden('serving.knative.dev/v1', kind, { status: { observedGeneration: 2, ...status, conditions } });
const three = ['ConfigurationsReady', 'RoutesReady', 'Ready'].map((type) => condition(type, 'True'));
const revision = { latestCreatedRevisionName: 'm-1', latestReadyRevisionName: 'm-1' };
healthTable('knative', [
  ['ready', ksvc(three, revision), 'Healthy', '-', 'revision m-1 is ready, 3 of 3'],
  [
    'ready in an older generation',
    ksvc(three, { ...revision, observedGeneration: 1 }),
    'Progressing',
    'generation',
    'generation 2',
  ],
  ['new', ksvc([]), 'Progressing', 'no-status', 'not reported'],
  [
    'with a failed revision',
    ksvc(
      [
        condition('Ready', 'False', 'RevisionFailed', 'm-2'),
        condition('ConfigurationsReady', 'False', 'RevisionFailed', 'm-2: exit 1'),
      ],
      revision,
    ),
    'Degraded',
    'failed',
    'ConfigurationsReady: RevisionFailed: m-2: exit 1',
  ],
  [
    'deploying',
    ksvc(
      [
        condition('Ready', 'Unknown'),
        condition('ConfigurationsReady', 'True'),
        condition('RoutesReady', 'Unknown', 'IngressNotConfigured'),
      ],
      revision,
    ),
    'Progressing',
    'pending',
    'IngressNotConfigured (1 of 3',
  ],
  [
    'whose newest revision is not the ready one',
    ksvc(three, { ...revision, latestCreatedRevisionName: 'm-2' }),
    'Progressing',
    'revision',
    'm-2 is not ready, m-1',
  ],
  ['a Configuration', ksvc([condition('Ready', 'True')], revision, 'Configuration'), 'Healthy', '-', 'm-1'],
  [
    'a Revision scaled to zero',
    ksvc(
      [condition('Ready', 'True'), { ...condition('Active', 'False', 'NoTraffic'), severity: 'Info' }],
      {},
      'Revision',
    ),
    'Healthy',
    '-',
    '1 of 1',
  ],
]);
