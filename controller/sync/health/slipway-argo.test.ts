import { condition, golden, healthTable } from '../../../test/health-table.ts';
import type { KubeObject } from '../../kube/types.ts';

const seen = { observedGeneration: 2 };

const rollout = (status: object): KubeObject =>
  golden('slipway.dev/v1alpha1', 'Rollout', { status: { ...seen, ...status } });
healthTable('rollout', [
  ['healthy', rollout({ phase: 'Healthy', availableReplicas: 3 }), 'Healthy', '-', '3 pods'],
  [
    'the old phase of a new spec',
    rollout({ phase: 'Healthy', observedGeneration: 1 }),
    'Progressing',
    'generation',
    'generation 2',
  ],
  ['paused', rollout({ phase: 'Paused', message: 'CanaryPauseStep' }), 'Suspended', 'paused', 'CanaryPauseStep'],
  ['under way', rollout({ phase: 'Progressing' }), 'Progressing', 'progressing', 'progressing'],
  [
    'aborted',
    rollout({ phase: 'Degraded', message: 'RolloutAborted: error rate' }),
    'Degraded',
    'degraded',
    'error rate',
  ],
  ['without phase', rollout({}), 'Progressing', 'no-status', 'no status'],
  ['in a phase of the future', rollout({ phase: 'Odd' }), 'Unknown', 'phase', 'odd'],
]);

const argo = (status: object, metadata: object = {}): KubeObject =>
  golden('argoproj.io/v1alpha1', 'Rollout', { metadata, status: { observedGeneration: '2', ...status } });
const workload = { annotations: { 'rollout.argoproj.io/workload-generation': '5' } };
healthTable('argo-rollout', [
  ['healthy', argo({ phase: 'Healthy', availableReplicas: 3 }), 'Healthy', '-', '3 pods'],
  [
    'not observed, as text',
    argo({ phase: 'Healthy', observedGeneration: '1' }),
    'Progressing',
    'generation',
    'generation 2',
  ],
  ['never observed', golden('argoproj.io/v1alpha1', 'Rollout'), 'Progressing', 'generation', 'none'],
  ['observed as a hash', argo({ phase: 'Healthy', observedGeneration: '6d4c8f' }), 'Healthy', '-', 'Healthy'],
  [
    'ten generations on, not compared as text',
    argo({ phase: 'Healthy', observedGeneration: '9' }, { generation: 10 }),
    'Progressing',
    'generation',
    'last 9',
  ],
  [
    'its Deployment changed',
    argo({ phase: 'Healthy', workloadObservedGeneration: '4' }, workload),
    'Progressing',
    'workload-generation',
    'workload generation 5',
  ],
  [
    'its Deployment was seen',
    argo({ phase: 'Healthy', workloadObservedGeneration: '5' }, workload),
    'Healthy',
    '-',
    'Healthy',
  ],
  ['paused', argo({ phase: 'Paused', message: 'CanaryPauseStep' }), 'Suspended', 'paused', 'CanaryPauseStep'],
  [
    'aborted',
    argo({ phase: 'Degraded', message: 'RolloutAborted: aborted update to revision 3' }),
    'Degraded',
    'degraded',
    'revision 3',
  ],
  [
    'under way',
    argo({ phase: 'Progressing', message: 'more replicas need to be updated' }),
    'Progressing',
    'progressing',
    'more replicas',
  ],
  ['in a phase of the future', argo({ phase: 'Odd' }), 'Unknown', 'phase', 'odd'],
  [
    'old and invalid',
    argo({ conditions: [condition('InvalidSpec', 'True', 'InvalidSpec', 'no selector')] }),
    'Degraded',
    'invalid-spec',
    'no selector',
  ],
  [
    'old and aborted',
    argo({ conditions: [condition('Progressing', 'False', 'RolloutAborted', 'metric failed')] }),
    'Degraded',
    'failed',
    'metric failed',
  ],
  [
    'old and under way',
    argo({ conditions: [condition('Progressing', 'True', 'ReplicaSetUpdated')] }),
    'Progressing',
    'no-status',
    'no status',
  ],
]);

const analysis = (phase: string, more: object = {}, apiVersion = 'slipway.dev/v1alpha1'): KubeObject =>
  golden(apiVersion, 'AnalysisRun', { status: { phase, metricResults: [{}, {}], ...more } });
healthTable('analysis-run', [
  ['new', analysis(''), 'Progressing', 'running', 'not started'],
  ['running', analysis('Running'), 'Progressing', 'running', '2 metrics'],
  ['of an older spec', analysis('Successful', { observedGeneration: 1 }), 'Progressing', 'generation', 'generation 2'],
  ['successful', analysis('Successful'), 'Healthy', '-', '2 metrics'],
  ['failed', analysis('Failed', { message: 'error-rate 0.2 > 0.05' }), 'Degraded', 'failed', '0.2'],
  ['error', analysis('Error', {}, 'argoproj.io/v1alpha1'), 'Degraded', 'failed', 'Error'],
  ['inconclusive', analysis('Inconclusive'), 'Unknown', 'inconclusive', 'Inconclusive'],
]);

const experiment = (phase: string, more: object = {}): KubeObject =>
  golden('argoproj.io/v1alpha1', 'Experiment', {
    spec: { templates: [{ name: 'baseline' }, { name: 'canary' }] },
    status: {
      phase,
      templateStatuses: [
        { name: 'baseline', status: 'Running' },
        { name: 'canary', status: 'Pending' },
      ],
      ...more,
    },
  });
healthTable('experiment', [
  ['pending', experiment('Pending'), 'Progressing', 'running', '1 of 2 templates run'],
  [
    'of an older spec',
    experiment('Successful', { observedGeneration: 1 }),
    'Progressing',
    'generation',
    'generation 2',
  ],
  [
    'that cannot begin',
    experiment('Pending', {
      conditions: [
        { type: 'InvalidSpec', status: 'True', reason: 'InvalidSpec', message: 'spec.duration: no duration' },
      ],
    }),
    'Degraded',
    'invalid',
    'spec.duration',
  ],
  ['successful', experiment('Successful'), 'Healthy', '-', 'Successful'],
  ['failed', experiment('Failed', { message: 'canary: not available in 600 s' }), 'Degraded', 'failed', '600 s'],
  ['inconclusive', experiment('Inconclusive'), 'Unknown', 'inconclusive', 'Inconclusive'],
]);

const workflow = (phase: string, spec: object = {}, message = ''): KubeObject =>
  golden('argoproj.io/v1alpha1', 'Workflow', { spec, status: { phase, progress: '3/5', message } });
healthTable('argo-workflow', [
  ['new', golden('argoproj.io/v1alpha1', 'Workflow'), 'Progressing', 'running', 'not set yet'],
  ['running', workflow('Running'), 'Progressing', 'running', '3 of 5 steps'],
  ['held', workflow('Running', { suspend: true }), 'Suspended', 'suspended', '3 of 5 steps'],
  ['held when it was over', workflow('Succeeded', { suspend: true }), 'Healthy', '-', 'Succeeded'],
  ['failed', workflow('Failed', {}, 'child train-1 failed'), 'Degraded', 'failed', 'train-1'],
  ['error', workflow('Error', {}, 'no such template'), 'Degraded', 'failed', 'no such template'],
  ['in a phase of the future', workflow('Odd'), 'Unknown', 'phase', 'Odd'],
]);

const child = (status: object): KubeObject =>
  golden('slipway.dev/v1alpha1', 'Application', { status: { ...seen, ...status } });
healthTable('application', [
  ['healthy', child({ health: { status: 'Healthy' } }), 'Healthy', 'reported', 'of itself'],
  [
    'degraded',
    child({ health: { status: 'Degraded', message: 'Rollout x: aborted' } }),
    'Degraded',
    'reported',
    'aborted',
  ],
  [
    'the old health of a new spec',
    child({ observedGeneration: 1, health: { status: 'Healthy' } }),
    'Progressing',
    'generation',
    'generation 2',
  ],
  ['new', child({}), 'Progressing', 'no-status', 'no health'],
  ['with rubbish in its status', child({ health: { status: 'Fine' } }), 'Progressing', 'no-status', 'no health'],
]);
