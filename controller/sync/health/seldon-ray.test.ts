import { condition, golden, healthTable } from '../../../test/health-table.ts';
import type { KubeObject } from '../../kube/types.ts';

const seldon = (conditions: object[], status: object = {}, kind = 'Model'): KubeObject =>
  golden('mlops.seldon.io/v1alpha1', kind, { spec: { replicas: 2 }, status: { ...status, conditions } });
const modelReady = [condition('ModelReady', 'True', 'ModelAvailable'), condition('Ready', 'True')];
const modelNot = (reason: string, message = ''): object[] => [
  condition('Ready', 'False', reason, message),
  condition('ModelReady', 'False', reason, message),
];
healthTable('seldon', [
  ['available', seldon(modelReady, { availableReplicas: 2 }), 'Healthy', '-', '2 of 2 replicas'],
  ['new', seldon([]), 'Progressing', 'no-status', 'not reported'],
  ['of an older spec', seldon(modelReady, { observedGeneration: 1 }), 'Progressing', 'generation', 'generation 2'],
  [
    'not scheduled',
    seldon(modelNot('ScheduleFailed', 'no server has mlserver')),
    'Degraded',
    'failed',
    'ModelReady: ScheduleFailed: no server has mlserver',
  ],
  ['loading', seldon(modelNot('ModelProgressing')), 'Progressing', 'condition', '0 of 2 conditions'],
  ['scaled down', seldon(modelNot('ModelScaledDown')), 'Suspended', 'scaled-down', 'ModelScaledDown'],
  ['with one of two replicas', seldon(modelReady, { availableReplicas: 1 }), 'Progressing', 'replicas', '1 of 2'],
  [
    'an Experiment without a candidate',
    seldon([condition('CandidatesReady', 'False', 'model b not ready'), condition('Ready', 'False')], {}, 'Experiment'),
    'Progressing',
    'condition',
    'model b not ready',
  ],
  [
    'a Server',
    seldon([condition('StatefulSetReady', 'True'), condition('Ready', 'True')], {}, 'Server'),
    'Healthy',
    '-',
    '2 of 2 conditions',
  ],
  [
    'a SeldonRuntime',
    seldon([condition('DeploymentsReady', 'False', 'hodometer not available')], {}, 'SeldonRuntime'),
    'Progressing',
    'condition',
    'hodometer',
  ],
]);

const app = (status: string, message = ''): object => ({
  rayClusterName: 'c-1',
  applicationStatuses: { llm: { status, message } },
});
const ray = (status: object, conditions: object[] = []): KubeObject =>
  golden('ray.io/v1', 'RayService', { status: { observedGeneration: 2, numServeEndpoints: 3, ...status, conditions } });
const serving = condition('Ready', 'True', 'NonZeroServeEndpoints');
healthTable('ray-service', [
  [
    'serving',
    ray({ activeServiceStatus: app('RUNNING') }, [serving]),
    'Healthy',
    '-',
    '1 of 1 applications run, 3 serve endpoints',
  ],
  [
    'serving, before there were conditions',
    ray({ serviceStatus: 'Running', activeServiceStatus: app('RUNNING') }),
    'Healthy',
    '-',
    '1 of 1',
  ],
  ['without status', golden('ray.io/v1', 'RayService'), 'Progressing', 'no-status', 'not looked'],
  ['of an older spec', ray({ observedGeneration: 1 }, [serving]), 'Progressing', 'generation', 'generation 2'],
  [
    'with an application that failed',
    ray({ activeServiceStatus: app('DEPLOY_FAILED', 'ImportError: vllm') }, [serving]),
    'Degraded',
    'application',
    'application llm is DEPLOY_FAILED: ImportError: vllm',
  ],
  [
    'that never started',
    ray({}, [condition('Ready', 'False', 'InitializingTimeout', 'after 300 s')]),
    'Degraded',
    'timeout',
    '300 s',
  ],
  [
    'upgrading',
    ray({ activeServiceStatus: app('RUNNING'), pendingServiceStatus: { rayClusterName: 'c-2' } }, [serving]),
    'Progressing',
    'upgrade',
    'cluster c-2',
  ],
  [
    'upgrading to something broken, while the old one serves',
    ray({ activeServiceStatus: app('RUNNING'), pendingServiceStatus: app('UNHEALTHY') }, [
      serving,
      condition('UpgradeInProgress', 'True'),
    ]),
    'Progressing',
    'upgrade',
    'application llm is UNHEALTHY',
  ],
  [
    'without endpoints',
    ray({ activeServiceStatus: app('DEPLOYING') }, [condition('Ready', 'False', 'ZeroServeEndpoints')]),
    'Progressing',
    'ready',
    'ZeroServeEndpoints (0 of 1',
  ],
  [
    'with an application that deploys',
    ray({ activeServiceStatus: app('DEPLOYING') }, [serving]),
    'Progressing',
    'applications',
    '0 of 1',
  ],
]);

const cluster = (status: object, conditions: object[] = []): KubeObject =>
  golden('ray.io/v1', 'RayCluster', {
    status: { readyWorkerReplicas: 1, desiredWorkerReplicas: 2, ...status, conditions },
  });
const provisioned = condition('RayClusterProvisioned', 'True', 'AllPodRunningAndReadyFirstTime');
healthTable('ray-cluster', [
  [
    'provisioned',
    cluster({ state: 'ready' }, [provisioned, condition('HeadPodReady', 'True')]),
    'Healthy',
    '-',
    '1 of 2 workers',
  ],
  ['of an older spec', cluster({ state: 'ready', observedGeneration: 1 }), 'Progressing', 'generation', 'generation 2'],
  ['without status', golden('ray.io/v1', 'RayCluster'), 'Progressing', 'pods', '0 of 0'],
  [
    'starting',
    cluster({}, [condition('RayClusterProvisioned', 'False', 'RayClusterPodsProvisioning')]),
    'Progressing',
    'pods',
    'PodsProvisioning (1 of 2',
  ],
  [
    'without its head',
    cluster({ state: 'ready' }, [provisioned, condition('HeadPodReady', 'False', 'ContainersNotReady')]),
    'Progressing',
    'pods',
    'HeadPodReady',
  ],
  [
    'that cannot make pods',
    cluster({}, [condition('ReplicaFailure', 'True', 'FailedCreateWorkerPod', 'exceeded quota')]),
    'Degraded',
    'failed',
    'exceeded quota (1 of 2',
  ],
  [
    'failed, before there were conditions',
    cluster({ state: 'failed', reason: 'head lost' }),
    'Degraded',
    'failed',
    'head lost',
  ],
  ['suspending', cluster({}, [condition('RayClusterSuspending', 'True')]), 'Progressing', 'suspending', 'removed'],
  [
    'suspended',
    cluster({ state: 'suspended' }, [condition('RayClusterSuspended', 'True')]),
    'Suspended',
    'suspended',
    'removed',
  ],
  ['in a state of the future', cluster({ state: 'odd' }), 'Unknown', 'state', 'odd'],
]);

const job = (jobStatus: string, jobDeploymentStatus: string, more: object = {}): KubeObject =>
  golden('ray.io/v1', 'RayJob', { status: { observedGeneration: 2, jobStatus, jobDeploymentStatus, ...more } });
healthTable('ray-job', [
  ['new', golden('ray.io/v1', 'RayJob'), 'Progressing', 'running', 'not started'],
  ['running', job('RUNNING', 'Running'), 'Progressing', 'running', 'job RUNNING'],
  [
    'of an older spec',
    job('SUCCEEDED', 'Complete', { observedGeneration: 1 }),
    'Progressing',
    'generation',
    'generation 2',
  ],
  ['done', job('SUCCEEDED', 'Complete'), 'Healthy', '-', 'SUCCEEDED'],
  [
    'failed',
    job('FAILED', 'Failed', { reason: 'AppFailed', message: 'exit 2', failed: 1 }),
    'Degraded',
    'failed',
    'AppFailed: exit 2: 1 failed tries',
  ],
  ['stopped', job('STOPPED', 'Complete'), 'Degraded', 'failed', 'STOPPED'],
  ['failed, and tried again', job('FAILED', 'Retrying', { failed: 1 }), 'Progressing', 'running', '1 failed tries'],
  ['suspended', job('', 'Suspended'), 'Suspended', 'suspended', 'Suspended'],
]);
