import { condition, golden, healthTable } from '../../../test/health-table.ts';
import type { KubeObject } from '../../kube/types.ts';

const API = 'gateway.networking.k8s.io/v1';

const gateway = (conditions: object[], listeners: object[] = []): KubeObject =>
  golden(API, 'Gateway', { status: { conditions, listeners } });
const accepted = condition('Accepted', 'True', 'Accepted', '', 2);
const programmed = condition('Programmed', 'True', 'Programmed', '', 2);
const listener = (...conditions: object[]): object => ({ name: 'https', conditions });
healthTable('gateway', [
  ['programmed', gateway([accepted, programmed], [listener(accepted, programmed)]), 'Healthy', '-', '1 listeners'],
  ['without status', golden(API, 'Gateway'), 'Progressing', 'pending', 'not reported yet'],
  [
    'pending',
    gateway([condition('Accepted', 'Unknown', 'Pending', 'waiting', 2)]),
    'Progressing',
    'pending',
    'waiting',
  ],
  [
    'programmed in an older generation',
    gateway([accepted, condition('Programmed', 'True', '', '', 1)]),
    'Progressing',
    'generation',
    'generation 1',
  ],
  [
    'not programmed yet',
    gateway([accepted, condition('Programmed', 'False', 'AddressNotAssigned', 'soon', 2)]),
    'Progressing',
    'pending',
    'soon',
  ],
  ['invalid', gateway([accepted, condition('Programmed', 'False', 'Invalid', 'bad', 2)]), 'Degraded', 'refused', 'bad'],
  [
    'refused',
    gateway([condition('Accepted', 'False', 'ListenersNotValid', 'bad', 2)]),
    'Degraded',
    'refused',
    'ListenersNotValid',
  ],
  [
    'with a listener whose certificate is missing',
    gateway(
      [accepted, programmed],
      [listener(accepted, condition('ResolvedRefs', 'False', 'InvalidCertificateRef', 'no Secret tls', 2))],
    ),
    'Degraded',
    'refused',
    'listener https: ResolvedRefs: InvalidCertificateRef: no Secret tls',
  ],
  [
    'with two listeners on one port',
    gateway([accepted, programmed], [listener(condition('Conflicted', 'True', 'ProtocolConflict'))]),
    'Degraded',
    'refused',
    'ProtocolConflict',
  ],
  [
    'with a listener that waits',
    gateway([accepted, programmed], [listener(condition('Programmed', 'False', 'Pending', '', 2))]),
    'Progressing',
    'pending',
    'listener https',
  ],
]);

const gatewayClass = (...conditions: object[]): KubeObject => golden(API, 'GatewayClass', { status: { conditions } });
healthTable('gateway-class', [
  ['taken', gatewayClass(accepted), 'Healthy', '-', 'Accepted'],
  ['new', gatewayClass(), 'Progressing', 'accepted', 'no controller'],
  [
    'waiting',
    gatewayClass(condition('Accepted', 'Unknown', 'Waiting', 'for its controller', 2)),
    'Progressing',
    'accepted',
    'for its controller',
  ],
  [
    'of an older spec',
    gatewayClass(condition('Accepted', 'True', '', '', 1)),
    'Progressing',
    'generation',
    'generation 1',
  ],
  [
    'refused',
    gatewayClass(condition('Accepted', 'False', 'InvalidParameters', 'no such config', 2)),
    'Degraded',
    'refused',
    'no such config',
  ],
]);

const resolved = condition('ResolvedRefs', 'True', 'ResolvedRefs', '', 2);
const parent = (name: string, ...conditions: object[]): object => ({
  parentRef: { group: 'gateway.networking.k8s.io', kind: 'Gateway', name },
  conditions,
});
const route = (parents: object[], parentRefs: object[] = [{ name: 'gw' }], kind = 'HTTPRoute'): KubeObject =>
  golden(API, kind, { spec: { parentRefs }, status: { parents } });
const noService = condition('ResolvedRefs', 'False', 'BackendNotFound', 'no Service canary', 2);
healthTable('gateway-route', [
  ['new', route([]), 'Progressing', 'parents', 'no gateway has looked at the route yet: gw (0 of 1 have)'],
  ['accepted', route([parent('gw', accepted, resolved)]), 'Healthy', '-', '1 of 1'],
  [
    'accepted in an older generation',
    route([parent('gw', condition('Accepted', 'True', '', '', 1), resolved)]),
    'Progressing',
    'generation',
    'gateway gw: condition Accepted speaks of generation 1',
  ],
  [
    'refused',
    route([parent('gw', condition('Accepted', 'False', 'NotAllowedByListeners', 'no', 2), resolved)]),
    'Degraded',
    'refused',
    'gateway gw: NotAllowedByListeners',
  ],
  [
    'refused in an older generation',
    route([parent('gw', condition('Accepted', 'False', 'x', 'y', 1))]),
    'Progressing',
    'generation',
    'generation 1',
  ],
  ['backend missing', route([parent('gw', accepted, noService)]), 'Degraded', 'backends', 'no Service canary'],
  [
    'refused by one of two',
    route([parent('a', accepted, resolved), parent('gw', condition('Accepted', 'False', 'x', 'y'))]),
    'Degraded',
    'refused',
    'gateway gw',
  ],
  [
    'half of it dropped',
    route([parent('gw', accepted, resolved, condition('PartiallyInvalid', 'True', 'UnsupportedValue', 'rule 1', 2))]),
    'Degraded',
    'partly-invalid',
    'rule 1',
  ],
  [
    'without a word on its backends',
    route([parent('gw', accepted)]),
    'Progressing',
    'pending',
    'ResolvedRefs is not reported',
  ],
  [
    'not in the data plane yet',
    route([parent('gw', accepted, resolved, condition('Programmed', 'False', 'Pending'))]),
    'Progressing',
    'pending',
    'Programmed',
  ],
  [
    'one of two gateways is silent',
    route([parent('a', accepted, resolved)], [{ name: 'a' }, { name: 'b' }]),
    'Progressing',
    'parents',
    ': b (1 of 2 have)',
  ],
  [
    'two listeners of one gateway, one is silent',
    route([parent('gw', accepted, resolved)], [{ name: 'gw' }, { name: 'gw', sectionName: 'https' }]),
    'Progressing',
    'parents',
    '1 of 2',
  ],
  [
    'whose gateway names the listener that it chose',
    golden(API, 'HTTPRoute', {
      spec: { parentRefs: [{ name: 'gw' }] },
      status: { parents: [{ parentRef: { name: 'gw', sectionName: 'http' }, conditions: [accepted, resolved] }] },
    }),
    'Healthy',
    '-',
    '1 of 1',
  ],
  [
    'a GRPCRoute',
    route([parent('gw', accepted, noService)], [{ name: 'gw' }], 'GRPCRoute'),
    'Degraded',
    'backends',
    'no Service',
  ],
  [
    'a TCPRoute',
    route([parent('gw', accepted, resolved)], [{ name: 'gw', namespace: 'team' }], 'TCPRoute'),
    'Healthy',
    '-',
    '1 of 1',
  ],
  ['a TLSRoute', route([], [{ name: 'gw' }], 'TLSRoute'), 'Progressing', 'parents', 'gw'],
]);
