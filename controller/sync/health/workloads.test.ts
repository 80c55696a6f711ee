import { condition, golden, healthTable } from '../../../test/health-table.ts';
import type { KubeObject } from '../../kube/types.ts';

const seen = { observedGeneration: 2 };

const deployment = (status: object, spec: object = { replicas: 3 }): KubeObject =>
  golden('apps/v1', 'Deployment', { spec, status: { ...seen, ...status } });
const rolledOut = { replicas: 3, updatedReplicas: 3, availableReplicas: 3 };
healthTable('deployment', [
  ['all available', deployment(rolledOut), 'Healthy', '-', '3 of 3 pods'],
  ['scaled to zero', deployment({}, { replicas: 0 }), 'Healthy', '-', '0 of 0'],
  [
    'the old status of a new spec',
    deployment({ ...rolledOut, observedGeneration: 1 }),
    'Progressing',
    'generation',
    'generation 2 yet (last 1)',
  ],
  ['no status yet', golden('apps/v1', 'Deployment', { spec: {} }), 'Progressing', 'generation', 'last 0'],
  [
    'a file without status',
    golden('apps/v1', 'Deployment', { metadata: { generation: undefined } }),
    'Progressing',
    'updated',
    '0 of 1',
  ],
  ['paused', deployment({}, { replicas: 3, paused: true }), 'Suspended', 'paused', 'spec.paused'],
  [
    'some updated',
    deployment({ ...rolledOut, updatedReplicas: 1 }),
    'Progressing',
    'updated',
    '1 of 3 pods are of the new template',
  ],
  ['old pods left', deployment({ ...rolledOut, replicas: 4 }), 'Progressing', 'old-pods', '1 old pods'],
  [
    'some available',
    deployment({ ...rolledOut, availableReplicas: 2 }),
    'Progressing',
    'available',
    '2 of 3 pods are available',
  ],
  [
    'stuck',
    deployment({ conditions: [condition('Progressing', 'False', 'ProgressDeadlineExceeded', 'timed out')] }),
    'Degraded',
    'deadline',
    'timed out',
  ],
  [
    'no quota',
    deployment({ conditions: [condition('ReplicaFailure', 'True', 'FailedCreate', 'exceeded quota')] }),
    'Progressing',
    'updated',
    'exceeded quota',
  ],
]);

const statefulSet = (status: object, updateStrategy: object = { type: 'RollingUpdate' }): KubeObject =>
  golden('apps/v1', 'StatefulSet', {
    spec: { replicas: 3, updateStrategy },
    status: { ...seen, readyReplicas: 3, currentRevision: 'a', updateRevision: 'a', ...status },
  });
const half = { updateRevision: 'b', updatedReplicas: 1 };
healthTable('stateful-set', [
  ['all ready', statefulSet({}), 'Healthy', '-', '3 of 3'],
  ['not observed', statefulSet({ observedGeneration: 1 }), 'Progressing', 'generation', 'generation 2'],
  ['some ready', statefulSet({ readyReplicas: 2 }), 'Progressing', 'ready', '2 of 3'],
  ['old pods left', statefulSet(half), 'Progressing', 'revision', '1 of 3 pods are of revision b'],
  ['replaced by hand', statefulSet(half, { type: 'OnDelete' }), 'Healthy', 'on-delete', 'OnDelete'],
  [
    'updated down to the partition',
    statefulSet(half, { rollingUpdate: { partition: 2 } }),
    'Healthy',
    '-',
    'partition 2',
  ],
  [
    'not yet down to the partition',
    statefulSet(half, { rollingUpdate: { partition: 1 } }),
    'Progressing',
    'partition',
    '1 of 2',
  ],
]);

const daemonSet = (status: object, updateStrategy: object = {}): KubeObject =>
  golden('apps/v1', 'DaemonSet', {
    spec: { updateStrategy },
    status: { ...seen, desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 2, ...status },
  });
healthTable('daemon-set', [
  ['all available', daemonSet({}), 'Healthy', '-', '2 of 2'],
  ['not observed', daemonSet({ observedGeneration: 1 }), 'Progressing', 'generation', 'generation 2'],
  ['some updated', daemonSet({ updatedNumberScheduled: 1 }), 'Progressing', 'updated', '1 of 2'],
  ['some available', daemonSet({ numberAvailable: 0 }), 'Progressing', 'available', '0 of 2'],
  [
    'replaced by hand',
    daemonSet({ updatedNumberScheduled: 1 }, { type: 'OnDelete' }),
    'Healthy',
    'on-delete',
    '1 of 2',
  ],
]);

const replicaSet = (status: object): KubeObject =>
  golden('apps/v1', 'ReplicaSet', { spec: { replicas: 2 }, status: { ...seen, ...status } });
healthTable('replica-set', [
  ['all available', replicaSet({ availableReplicas: 2 }), 'Healthy', '-', '2 of 2'],
  [
    'not observed',
    replicaSet({ availableReplicas: 2, observedGeneration: 1 }),
    'Progressing',
    'generation',
    'generation 2',
  ],
  ['some available', replicaSet({ availableReplicas: 1 }), 'Progressing', 'available', '1 of 2'],
  [
    'cannot make pods',
    replicaSet({ conditions: [condition('ReplicaFailure', 'True', 'FailedCreate', 'quota')] }),
    'Degraded',
    'failure',
    'quota',
  ],
  [
    'a ReplicationController',
    golden('v1', 'ReplicationController', { status: seen }),
    'Progressing',
    'available',
    '0 of 1',
  ],
]);

const pod = (status: object, restartPolicy = 'Always'): KubeObject =>
  golden('v1', 'Pod', { spec: { restartPolicy }, status });
const waiting = (reason: string): object => ({
  containerStatuses: [{ name: 'c', state: { waiting: { reason, message: 'because' } } }],
});
const restarted = { containerStatuses: [{ name: 'c', lastState: { terminated: { exitCode: 1 } } }] };
healthTable('pod', [
  [
    'ready',
    pod({ phase: 'Running', conditions: [condition('Ready', 'True')], containerStatuses: [{ ready: true }] }),
    'Healthy',
    '-',
    '1 of 1',
  ],
  [
    'not ready',
    pod({ phase: 'Running', containerStatuses: [{ ready: true }, { ready: false }] }),
    'Progressing',
    'ready',
    '1 of 2 containers',
  ],
  ['restarted and not ready', pod({ phase: 'Running', ...restarted }), 'Degraded', 'restarted', 'container c'],
  [
    'without its image',
    pod({ phase: 'Pending', ...waiting('ImagePullBackOff') }),
    'Degraded',
    'container',
    'ImagePullBackOff: because',
  ],
  ['crashing', pod({ phase: 'Running', ...waiting('CrashLoopBackOff') }), 'Degraded', 'container', 'CrashLoopBackOff'],
  [
    'crashing, but meant to end',
    pod({ phase: 'Running', ...waiting('CrashLoopBackOff') }, 'OnFailure'),
    'Progressing',
    'running',
    'runs',
  ],
  ['being created', pod({ phase: 'Pending', ...waiting('ContainerCreating') }), 'Progressing', 'pending', 'pending'],
  [
    'without a node',
    pod({ phase: 'Pending', conditions: [condition('PodScheduled', 'False', 'Unschedulable', '0/1 nodes')] }),
    'Progressing',
    'pending',
    '0/1 nodes',
  ],
  ['done', pod({ phase: 'Succeeded' }, 'Never'), 'Healthy', '-', 'ended well'],
  ['failed', pod({ phase: 'Failed', reason: 'Evicted' }), 'Degraded', 'failed', 'Evicted'],
  ['at work', pod({ phase: 'Running' }, 'Never'), 'Progressing', 'running', 'will end'],
  ['of a lost node', pod({ phase: 'Unknown' }), 'Unknown', 'phase', 'Unknown'],
]);

const job = (...conditions: object[]): KubeObject =>
  golden('batch/v1', 'Job', { spec: { completions: 2 }, status: { succeeded: 1, failed: 3, conditions } });
healthTable('job', [
  ['at work', job(), 'Progressing', 'completions', '1 of 2 completions, 3 failed pods'],
  ['done', job(condition('Complete', 'True')), 'Healthy', '-', '1 of 2'],
  ['failed', job(condition('Failed', 'True', 'BackoffLimitExceeded', 'too often')), 'Degraded', 'failed', 'too often'],
  ['held', job(condition('Suspended', 'True', 'JobSuspended', 'held')), 'Suspended', 'suspended', 'held'],
  ['no longer held', job(condition('Suspended', 'False')), 'Progressing', 'completions', '1 of 2'],
]);

const cronJob = (status?: object, spec: object = { schedule: '0 * * * *' }): KubeObject =>
  golden('batch/v1', 'CronJob', { spec, ...(status && { status }) });
const due = { lastScheduleTime: '2026-05-02T10:00:00Z' };
healthTable('cron-job', [
  [
    'held on purpose, after a failure',
    cronJob({ ...due, lastSuccessfulTime: '2026-05-01T10:00:09Z' }, { suspend: true }),
    'Healthy',
    'suspended',
    'spec.suspend',
  ],
  ['without status', cronJob(), 'Progressing', 'no-status', 'not looked'],
  ['never due', cronJob({}), 'Healthy', 'never-run', 'no run was due'],
  [
    'at work after a failure',
    cronJob({ ...due, active: [{ name: 'j' }], lastSuccessfulTime: '2026-05-01T10:00:09Z' }),
    'Healthy',
    'running',
    '1 running',
  ],
  ['never succeeded', cronJob(due), 'Healthy', 'never-succeeded', 'no run succeeded'],
  [
    'failed the last time',
    cronJob({ ...due, lastSuccessfulTime: '2026-05-01T10:00:09Z' }),
    'Degraded',
    'last-run',
    'the run of 2026-05-02T10:00:00Z failed',
  ],
  [
    'succeeded the last time',
    cronJob({ ...due, lastSuccessfulTime: '2026-05-02T10:00:31Z' }),
    'Healthy',
    '-',
    'succeeded at',
  ],
]);

const autoscaler = (conditions: object[], status: object = {}): KubeObject =>
  golden('autoscaling/v2', 'HorizontalPodAutoscaler', { status: { ...status, conditions } });
const able = condition('AbleToScale', 'True', 'ReadyForNewScale');
healthTable('horizontal-pod-autoscaler', [
  ['new', golden('autoscaling/v2', 'HorizontalPodAutoscaler'), 'Progressing', 'metrics', 'no metrics'],
  ['of an older spec', autoscaler([able], { observedGeneration: 1 }), 'Progressing', 'generation', 'generation 2'],
  ['able', autoscaler([able], { currentReplicas: 2, desiredReplicas: 4 }), 'Healthy', '-', '2 pods, 4 wanted'],
  ['at its limit', autoscaler([condition('ScalingLimited', 'True', 'TooManyReplicas')]), 'Healthy', '-', '0 pods'],
  [
    'without metrics',
    autoscaler([able, condition('ScalingActive', 'False', 'FailedGetResourceMetric', 'no metrics')]),
    'Degraded',
    'broken',
    'no metrics',
  ],
  [
    'switched off',
    autoscaler([able, condition('ScalingActive', 'False', 'ScalingDisabled')]),
    'Healthy',
    '-',
    '0 pods',
  ],
  [
    'without target',
    autoscaler([condition('AbleToScale', 'False', 'FailedGetScale', 'not found')]),
    'Degraded',
    'broken',
    'not found',
  ],
]);

const budget = (conditions: object[], status: object = {}): KubeObject =>
  golden('policy/v1', 'PodDisruptionBudget', {
    status: { ...seen, currentHealthy: 3, desiredHealthy: 2, disruptionsAllowed: 1, ...status, conditions },
  });
const allowed = condition('DisruptionAllowed', 'True', 'SufficientPods', '', 2);
healthTable('pod-disruption-budget', [
  ['new', golden('policy/v1', 'PodDisruptionBudget'), 'Progressing', 'no-status', 'not looked'],
  ['with room', budget([allowed]), 'Healthy', '-', '1 disruptions allowed: 3 pods are healthy, 2 needed'],
  [
    'without room',
    budget([condition('DisruptionAllowed', 'False', 'InsufficientPods')], { disruptionsAllowed: 0 }),
    'Healthy',
    '-',
    '0 disruptions',
  ],
  [
    'that cannot find its pods',
    budget([condition('DisruptionAllowed', 'False', 'SyncFailed', 'no controllers')]),
    'Degraded',
    'broken',
    'no controllers',
  ],
  ['of an older spec', budget([allowed], { observedGeneration: 1 }), 'Progressing', 'generation', 'generation 2'],
]);
