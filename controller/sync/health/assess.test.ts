import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/types.ts';
import { assess } from './assess.ts';
import type { Health } from './health.ts';

interface Parts {
  metadata?: object;
  spec?: object;
  status?: object;
}

const object = (apiVersion: string, kind: string, { metadata, spec, status }: Parts = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: 'x', namespace: 'team', generation: 2, ...metadata },
  ...(spec && { spec }),
  ...(status && { status }),
});

const condition = (type: string, status: string, reason = '', message = ''): object => ({
  type,
  status,
  reason,
  message,
});
const seen = { observedGeneration: 2 };

/** One row: what is special about it, the object, its health, and a part of the message. */
type Row = [what: string, object: KubeObject, status: Health['status'] | undefined, message?: string];

function table(kind: string, rows: readonly Row[]): void {
  describe(kind, () => {
    it.each(rows)('%s', (_, live, status, message) => {
      const health = assess(live);
      expect(health?.status).toBe(status);
      if (message !== undefined) expect(health?.message).toContain(message);
      if (status === 'Healthy') return;
      // Whoever sees something else than Healthy is told why.
      if (status !== undefined) expect(health?.message).not.toBe('');
    });
  });
}

const deployment = (status: object, spec: object = { replicas: 3 }): KubeObject =>
  object('apps/v1', 'Deployment', { spec, status: { ...seen, ...status } });
table('Deployment', [
  ['all available', deployment({ replicas: 3, updatedReplicas: 3, availableReplicas: 3 }), 'Healthy'],
  ['scaled to zero', deployment({}, { replicas: 0 }), 'Healthy'],
  [
    'the old status of a new spec',
    deployment({ observedGeneration: 1, replicas: 3, updatedReplicas: 3, availableReplicas: 3 }),
    'Progressing',
    'generation 2',
  ],
  ['no status yet', object('apps/v1', 'Deployment', { spec: {} }), 'Progressing'],
  ['paused', deployment({}, { replicas: 3, paused: true }), 'Suspended'],
  [
    'some updated',
    deployment({ replicas: 3, updatedReplicas: 1, availableReplicas: 3 }),
    'Progressing',
    '1 of 3 pods are of the new template',
  ],
  ['old pods left', deployment({ replicas: 4, updatedReplicas: 3, availableReplicas: 3 }), 'Progressing', '1 old pods'],
  [
    'some available',
    deployment({ replicas: 3, updatedReplicas: 3, availableReplicas: 2 }),
    'Progressing',
    '2 of 3 pods are available',
  ],
  [
    'stuck',
    deployment({ conditions: [condition('Progressing', 'False', 'ProgressDeadlineExceeded', 'timed out')] }),
    'Degraded',
    'timed out',
  ],
  [
    'no quota',
    deployment({ conditions: [condition('ReplicaFailure', 'True', 'FailedCreate', 'exceeded quota')] }),
    'Progressing',
    'exceeded quota',
  ],
]);

const statefulSet = (status: object, updateStrategy: object = { type: 'RollingUpdate' }): KubeObject =>
  object('apps/v1', 'StatefulSet', {
    spec: { replicas: 3, updateStrategy },
    status: { ...seen, readyReplicas: 3, currentRevision: 'a', updateRevision: 'a', ...status },
  });
table('StatefulSet', [
  ['all ready', statefulSet({}), 'Healthy'],
  ['not observed', statefulSet({ observedGeneration: 1 }), 'Progressing'],
  ['some ready', statefulSet({ readyReplicas: 2 }), 'Progressing', '2 of 3'],
  [
    'old pods left',
    statefulSet({ updateRevision: 'b', updatedReplicas: 1 }),
    'Progressing',
    '1 of 3 pods are of revision b',
  ],
  ['replaced by hand', statefulSet({ updateRevision: 'b' }, { type: 'OnDelete' }), 'Healthy'],
  [
    'updated down to the partition',
    statefulSet({ updateRevision: 'b', updatedReplicas: 1 }, { rollingUpdate: { partition: 2 } }),
    'Healthy',
  ],
  [
    'not yet down to the partition',
    statefulSet({ updateRevision: 'b', updatedReplicas: 0 }, { rollingUpdate: { partition: 2 } }),
    'Progressing',
  ],
]);

const daemonSet = (status: object, updateStrategy: object = {}): KubeObject =>
  object('apps/v1', 'DaemonSet', {
    spec: { updateStrategy },
    status: { ...seen, desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 2, ...status },
  });
table('DaemonSet', [
  ['all available', daemonSet({}), 'Healthy'],
  ['not observed', daemonSet({ observedGeneration: 1 }), 'Progressing'],
  ['some updated', daemonSet({ updatedNumberScheduled: 1 }), 'Progressing', '1 of 2'],
  ['some available', daemonSet({ numberAvailable: 0 }), 'Progressing', '0 of 2'],
  ['replaced by hand', daemonSet({ updatedNumberScheduled: 1 }, { type: 'OnDelete' }), 'Healthy'],
]);

const replicaSet = (status: object): KubeObject =>
  object('apps/v1', 'ReplicaSet', { spec: { replicas: 2 }, status: { ...seen, ...status } });
table('ReplicaSet', [
  ['all available', replicaSet({ availableReplicas: 2 }), 'Healthy'],
  ['not observed', replicaSet({ availableReplicas: 2, observedGeneration: 1 }), 'Progressing'],
  ['some available', replicaSet({ availableReplicas: 1 }), 'Progressing', '1 of 2'],
  [
    'cannot make pods',
    replicaSet({ conditions: [condition('ReplicaFailure', 'True', 'FailedCreate', 'quota')] }),
    'Degraded',
    'quota',
  ],
]);

const pod = (status: object, restartPolicy = 'Always'): KubeObject =>
  object('v1', 'Pod', { spec: { restartPolicy }, status });
const waiting = (reason: string): object => ({
  containerStatuses: [{ name: 'c', state: { waiting: { reason, message: 'because' } } }],
});
table('Pod', [
  ['ready', pod({ phase: 'Running', conditions: [condition('Ready', 'True')] }), 'Healthy'],
  ['not ready', pod({ phase: 'Running', conditions: [condition('Ready', 'False')] }), 'Progressing'],
  [
    'restarted and not ready',
    pod({ phase: 'Running', containerStatuses: [{ name: 'c', lastState: { terminated: { exitCode: 1 } } }] }),
    'Degraded',
    'container c',
  ],
  [
    'without its image',
    pod({ phase: 'Pending', ...waiting('ImagePullBackOff') }),
    'Degraded',
    'ImagePullBackOff: because',
  ],
  ['crashing', pod({ phase: 'Running', ...waiting('CrashLoopBackOff') }), 'Degraded'],
  ['being created', pod({ phase: 'Pending', ...waiting('ContainerCreating') }), 'Progressing'],
  [
    'without a node',
    pod({ phase: 'Pending', conditions: [condition('PodScheduled', 'False', 'Unschedulable', '0/1 nodes')] }),
    'Progressing',
    '0/1 nodes',
  ],
  ['done', pod({ phase: 'Succeeded' }, 'Never'), 'Healthy'],
  ['failed', pod({ phase: 'Failed', reason: 'Evicted' }), 'Degraded', 'Evicted'],
  ['at work', pod({ phase: 'Running' }, 'Never'), 'Progressing'],
  ['of a lost node', pod({ phase: 'Unknown' }), 'Unknown'],
]);

table('PersistentVolumeClaim', [
  ['bound', object('v1', 'PersistentVolumeClaim', { status: { phase: 'Bound' } }), 'Healthy'],
  ['pending', object('v1', 'PersistentVolumeClaim', { status: { phase: 'Pending' } }), 'Progressing'],
  ['lost', object('v1', 'PersistentVolumeClaim', { status: { phase: 'Lost' } }), 'Degraded'],
]);

table('Service', [
  [
    'inside the cluster',
    object('v1', 'Service', { spec: { type: 'ClusterIP' }, status: { loadBalancer: {} } }),
    'Healthy',
  ],
  [
    'load balancer without address',
    object('v1', 'Service', { spec: { type: 'LoadBalancer' }, status: { loadBalancer: {} } }),
    'Progressing',
  ],
  [
    'load balancer with address',
    object('v1', 'Service', {
      spec: { type: 'LoadBalancer' },
      status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } },
    }),
    'Healthy',
  ],
]);

table('Ingress', [
  ['without address', object('networking.k8s.io/v1', 'Ingress', { spec: {} }), 'Healthy', 'no address'],
  [
    'with address',
    object('networking.k8s.io/v1', 'Ingress', { status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } }),
    'Healthy',
  ],
]);

const job = (...conditions: object[]): KubeObject =>
  object('batch/v1', 'Job', { spec: { completions: 2 }, status: { succeeded: 1, conditions } });
table('Job', [
  ['at work', job(), 'Progressing', '1 of 2'],
  ['done', job(condition('Complete', 'True')), 'Healthy'],
  ['failed', job(condition('Failed', 'True', 'BackoffLimitExceeded', 'too often')), 'Degraded', 'too often'],
  ['held', job(condition('Suspended', 'True', 'JobSuspended', 'held')), 'Suspended'],
  ['no longer held', job(condition('Suspended', 'False')), 'Progressing'],
]);

const definition = (...conditions: object[]): KubeObject =>
  object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', { status: { conditions } });
const accepted = condition('NamesAccepted', 'True');
table('CustomResourceDefinition', [
  ['new', object('apiextensions.k8s.io/v1', 'CustomResourceDefinition'), 'Progressing'],
  ['installing', definition(accepted, condition('Established', 'False', 'Installing')), 'Progressing'],
  ['served', definition(accepted, condition('Established', 'True')), 'Healthy'],
  [
    'names taken',
    definition(
      condition('NamesAccepted', 'False', 'MultipleNamesConflict', 'taken'),
      condition('Established', 'False'),
    ),
    'Degraded',
    'taken',
  ],
  [
    'no structural schema',
    definition(
      accepted,
      condition('Established', 'True'),
      condition('NonStructuralSchema', 'True', 'Violations', 'bad'),
    ),
    'Degraded',
  ],
]);

const autoscaler = (...conditions: object[]): KubeObject =>
  object('autoscaling/v2', 'HorizontalPodAutoscaler', { status: { conditions } });
table('HorizontalPodAutoscaler', [
  ['new', object('autoscaling/v2', 'HorizontalPodAutoscaler'), 'Progressing'],
  ['able', autoscaler(condition('AbleToScale', 'True', 'ReadyForNewScale')), 'Healthy'],
  ['at its limit', autoscaler(condition('ScalingLimited', 'True', 'TooManyReplicas')), 'Healthy'],
  [
    'without metrics',
    autoscaler(
      condition('AbleToScale', 'True'),
      condition('ScalingActive', 'False', 'FailedGetResourceMetric', 'no metrics'),
    ),
    'Degraded',
    'no metrics',
  ],
  [
    'switched off',
    autoscaler(condition('AbleToScale', 'True'), condition('ScalingActive', 'False', 'ScalingDisabled')),
    'Healthy',
  ],
  ['without target', autoscaler(condition('AbleToScale', 'False', 'FailedGetScale', 'not found')), 'Degraded'],
]);

const rollout = (status: object): KubeObject =>
  object('slipway.dev/v1alpha1', 'Rollout', { status: { ...seen, ...status } });
table('Rollout', [
  ['healthy', rollout({ phase: 'Healthy' }), 'Healthy'],
  ['the old phase of a new spec', rollout({ phase: 'Healthy', observedGeneration: 1 }), 'Progressing', 'generation 2'],
  ['paused', rollout({ phase: 'Paused', message: 'CanaryPauseStep' }), 'Suspended', 'CanaryPauseStep'],
  ['under way', rollout({ phase: 'Progressing' }), 'Progressing', 'progressing'],
  ['aborted', rollout({ phase: 'Degraded', message: 'RolloutAborted: error rate' }), 'Degraded', 'error rate'],
  ['without phase', rollout({}), 'Progressing'],
]);

const analysis = (phase: string): KubeObject =>
  object('slipway.dev/v1alpha1', 'AnalysisRun', { status: { phase, message: phase && 'why' } });
table('AnalysisRun', [
  ['new', analysis(''), 'Progressing'],
  ['running', analysis('Running'), 'Progressing', 'why'],
  ['successful', analysis('Successful'), 'Healthy'],
  ['failed', analysis('Failed'), 'Degraded', 'why'],
  ['error', analysis('Error'), 'Degraded'],
  ['inconclusive', analysis('Inconclusive'), 'Unknown'],
]);

const parent = (...conditions: object[]): object => ({ parentRef: { name: 'gw' }, conditions });
const route = (...parents: object[]): KubeObject =>
  object('gateway.networking.k8s.io/v1', 'HTTPRoute', { status: { parents } });
const of = (generation: number, base: object): object => ({ ...base, observedGeneration: generation });
const [acceptedRoute, resolved] = [condition('Accepted', 'True'), condition('ResolvedRefs', 'True')];
table('HTTPRoute', [
  ['new', route(), 'Progressing', 'no gateway'],
  ['accepted', route(parent(of(2, acceptedRoute), of(2, resolved))), 'Healthy'],
  [
    'accepted in an older generation',
    route(parent(of(1, acceptedRoute), of(1, resolved))),
    'Progressing',
    'generation 1',
  ],
  [
    'refused',
    route(parent(of(2, condition('Accepted', 'False', 'NotAllowedByListeners', 'no')), of(2, resolved))),
    'Degraded',
    'gateway gw: NotAllowedByListeners',
  ],
  [
    'backend missing',
    route(parent(of(2, acceptedRoute), of(2, condition('ResolvedRefs', 'False', 'BackendNotFound', 'no Service')))),
    'Degraded',
    'no Service',
  ],
  [
    'refused by one of two',
    route(parent(of(2, acceptedRoute), of(2, resolved)), parent(of(2, condition('Accepted', 'False', 'x', 'y')))),
    'Degraded',
  ],
]);

const gateway = (...conditions: object[]): KubeObject =>
  object('gateway.networking.k8s.io/v1', 'Gateway', { status: { conditions } });
table('Gateway', [
  ['programmed', gateway(of(2, condition('Accepted', 'True')), of(2, condition('Programmed', 'True'))), 'Healthy'],
  ['pending', gateway(of(2, condition('Accepted', 'Unknown', 'Pending', 'waiting'))), 'Progressing'],
  [
    'not programmed yet',
    gateway(
      of(2, condition('Accepted', 'True')),
      of(2, condition('Programmed', 'False', 'AddressNotAssigned', 'soon')),
    ),
    'Progressing',
  ],
  [
    'invalid',
    gateway(of(2, condition('Accepted', 'True')), of(2, condition('Programmed', 'False', 'Invalid', 'bad'))),
    'Degraded',
  ],
  ['refused', gateway(of(2, condition('Accepted', 'False', 'ListenersNotValid', 'bad'))), 'Degraded'],
]);

const child = (status: object): KubeObject =>
  object('slipway.dev/v1alpha1', 'Application', { status: { ...seen, ...status } });
table('Application', [
  ['healthy', child({ health: { status: 'Healthy' } }), 'Healthy'],
  ['degraded', child({ health: { status: 'Degraded', message: 'Rollout x: aborted' } }), 'Degraded', 'aborted'],
  ['the old health of a new spec', child({ observedGeneration: 1, health: { status: 'Healthy' } }), 'Progressing'],
  ['new', object('slipway.dev/v1alpha1', 'Application'), 'Progressing'],
  ['with rubbish in its status', child({ health: { status: 'Fine' } }), 'Progressing'],
]);

const custom = (status?: object): KubeObject => object('example.test/v1', 'Gadget', status && { status });
table('any other kind', [
  ['says nothing', custom(), undefined],
  ['a status without conventions', custom({ state: 'on' }), undefined],
  ['a ConfigMap', object('v1', 'ConfigMap'), undefined],
  ['observed', custom({ observedGeneration: 2 }), 'Healthy'],
  ['not observed', custom({ observedGeneration: 1, conditions: [condition('Ready', 'True')] }), 'Progressing'],
  ['ready', custom({ conditions: [condition('Ready', 'True')] }), 'Healthy'],
  [
    'not ready',
    custom({ conditions: [condition('Ready', 'False', 'Issuing', 'soon')] }),
    'Progressing',
    'Issuing: soon',
  ],
  ['ready in an older generation', custom({ conditions: [of(1, condition('Ready', 'True'))] }), 'Progressing'],
  [
    'stalled',
    custom({ conditions: [condition('Ready', 'False'), condition('Stalled', 'True', 'Bad', 'spec')] }),
    'Degraded',
    'Bad: spec',
  ],
  [
    'reconciling',
    custom({ conditions: [condition('Ready', 'True'), condition('Reconciling', 'True', 'Busy')] }),
    'Progressing',
  ],
  ['a status that is no map', { ...custom(), status: 'fine' }, undefined],
  ['conditions that are no list', custom({ conditions: 'none' }), undefined],
]);

table('anything that is being deleted', [
  [
    'with finalizers',
    object('v1', 'ConfigMap', { metadata: { deletionTimestamp: 'now', finalizers: ['example.test/hold'] } }),
    'Progressing',
    'example.test/hold',
  ],
  [
    'a healthy Deployment',
    { ...deployment({}, { replicas: 0 }), metadata: { name: 'x', deletionTimestamp: 'now' } },
    'Progressing',
  ],
]);
