import { condition, golden, healthTable } from '../../../test/health-table.ts';
import type { KubeObject } from '../../kube/types.ts';

const claim = (phase: string): KubeObject =>
  golden('v1', 'PersistentVolumeClaim', { spec: { volumeName: 'pv-7' }, status: { phase } });
healthTable('persistent-volume-claim', [
  ['bound', claim('Bound'), 'Healthy', '-', 'pv-7'],
  ['pending', claim('Pending'), 'Progressing', 'pending', 'no volume'],
  ['lost', claim('Lost'), 'Degraded', 'lost', 'pv-7 is lost'],
  ['in a phase of the future', claim('Moving'), 'Unknown', 'phase', 'Moving'],
]);

const service = (type: string, ingress: object[] = []): KubeObject =>
  golden('v1', 'Service', { spec: { type }, status: { loadBalancer: { ingress } } });
healthTable('service', [
  ['inside the cluster', service('ClusterIP'), 'Healthy', '-', 'ClusterIP'],
  ['load balancer without address', service('LoadBalancer'), 'Progressing', 'address', 'no address'],
  ['load balancer with address', service('LoadBalancer', [{ ip: '192.0.2.1' }]), 'Healthy', '-', '1 address'],
]);

const ingress = (addresses: object[]): KubeObject =>
  golden('networking.k8s.io/v1', 'Ingress', { status: { loadBalancer: { ingress: addresses } } });
healthTable('ingress', [
  ['without address', ingress([]), 'Healthy', '-', 'no address'],
  ['with address', ingress([{ ip: '192.0.2.1' }]), 'Healthy', '-', '1 address'],
]);

const definition = (...conditions: object[]): KubeObject =>
  golden('apiextensions.k8s.io/v1', 'CustomResourceDefinition', {
    spec: { versions: [{ name: 'v1' }] },
    status: { conditions },
  });
const accepted = condition('NamesAccepted', 'True');
const established = condition('Established', 'True');
healthTable('custom-resource-definition', [
  ['new', definition(), 'Progressing', 'no-status', 'not looked'],
  [
    'installing',
    definition(accepted, condition('Established', 'False', 'Installing')),
    'Progressing',
    'installing',
    'not served',
  ],
  ['served', definition(accepted, established), 'Healthy', '-', '1 version'],
  [
    'of an older spec',
    definition(condition('Established', 'True', '', '', 1)),
    'Progressing',
    'generation',
    'generation 1, not of 2',
  ],
  [
    'names taken',
    definition(condition('NamesAccepted', 'False', 'MultipleNamesConflict', 'taken'), established),
    'Degraded',
    'names',
    'taken',
  ],
  [
    'no structural schema',
    definition(accepted, established, condition('NonStructuralSchema', 'True', 'Violations', 'bad')),
    'Degraded',
    'schema',
    'bad',
  ],
  [
    'not established',
    definition(accepted, condition('Established', 'False', 'NotAccepted', 'no')),
    'Degraded',
    'established',
    'NotAccepted',
  ],
]);

const apiService = (...conditions: object[]): KubeObject =>
  golden('apiregistration.k8s.io/v1', 'APIService', { status: { conditions } });
healthTable('api-service', [
  ['new', apiService(), 'Progressing', 'no-status', 'nobody has asked'],
  [
    'answering',
    apiService(condition('Available', 'True', 'Passed', 'all checks passed')),
    'Healthy',
    '-',
    'all checks passed',
  ],
  [
    'without endpoints',
    apiService(condition('Available', 'False', 'MissingEndpoints', 'none for metrics-server')),
    'Progressing',
    'available',
    'metrics-server',
  ],
]);
