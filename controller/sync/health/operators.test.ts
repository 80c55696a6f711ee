import { condition, golden, healthTable } from '../../../test/health-table.ts';
import type { KubeObject } from '../../kube/types.ts';

const certificate = (conditions: object[], status: object = {}): KubeObject =>
  golden('cert-manager.io/v1', 'Certificate', { status: { ...status, conditions } });
const missing = condition('Ready', 'False', 'DoesNotExist', 'Secret does not exist', 2);
const issuing = condition('Issuing', 'True', 'DoesNotExist', 'issuing as Secret does not exist', 2);
healthTable('certificate', [
  [
    'valid',
    certificate([condition('Ready', 'True', 'Ready', '', 2)], { notAfter: '2026-08-01T00:00:00Z' }),
    'Healthy',
    '-',
    '2026-08-01',
  ],
  [
    'valid, and being renewed',
    certificate([condition('Ready', 'True', 'Ready', 'up to date', 2), issuing]),
    'Healthy',
    '-',
    'up to date',
  ],
  [
    'valid for an older spec',
    certificate([condition('Ready', 'True', 'Ready', '', 1)]),
    'Progressing',
    'generation',
    'generation 1',
  ],
  ['new', certificate([]), 'Progressing', 'no-status', 'not reported'],
  ['being issued', certificate([missing, issuing]), 'Progressing', 'issuing', 'issuing as'],
  [
    'not issued',
    certificate([missing, condition('Issuing', 'False', 'Failed', 'order is invalid', 2)], {
      failedIssuanceAttempts: 3,
    }),
    'Degraded',
    'failed',
    'Failed: order is invalid (3 failed attempts)',
  ],
  [
    'expired',
    certificate([condition('Ready', 'False', 'Expired', 'expired on Monday', 2)]),
    'Degraded',
    'not-ready',
    'expired on Monday',
  ],
]);

const issuer = (conditions: object[], kind = 'Issuer'): KubeObject =>
  golden('cert-manager.io/v1', kind, { status: { conditions } });
healthTable('issuer', [
  [
    'able',
    issuer([condition('Ready', 'True', 'ACMEAccountRegistered', '', 2)], 'ClusterIssuer'),
    'Healthy',
    '-',
    'ACMEAccountRegistered',
  ],
  ['new', issuer([]), 'Progressing', 'no-status', 'not reported'],
  [
    'able with an older spec',
    issuer([condition('Ready', 'True', '', '', 1)]),
    'Progressing',
    'generation',
    'generation 1',
  ],
  [
    'without its key',
    issuer([condition('Ready', 'False', 'ErrGetKeyPair', 'secret "ca" not found', 2)]),
    'Degraded',
    'not-ready',
    'secret "ca" not found',
  ],
  ['undecided', issuer([condition('Ready', 'Unknown', 'Pending', '', 2)]), 'Progressing', 'pending', 'Pending'],
]);

const request = (...conditions: object[]): KubeObject =>
  golden('cert-manager.io/v1', 'CertificateRequest', { status: { conditions } });
const approved = condition('Approved', 'True', 'cert-manager.io');
healthTable('certificate-request', [
  ['issued', request(approved, condition('Ready', 'True', 'Issued')), 'Healthy', '-', 'Issued'],
  ['new', request(), 'Progressing', 'approval', 'approved'],
  ['approved', request(approved), 'Progressing', 'pending', 'its issuer has not looked'],
  [
    'waiting for its order',
    request(approved, condition('Ready', 'False', 'Pending', 'waiting on order x')),
    'Progressing',
    'pending',
    'order x',
  ],
  [
    'denied',
    request(condition('Denied', 'True', 'policy', 'wildcard'), condition('Ready', 'False', 'Denied')),
    'Degraded',
    'refused',
    'wildcard',
  ],
  [
    'failed',
    request(approved, condition('Ready', 'False', 'Failed', 'order is invalid')),
    'Degraded',
    'failed',
    'order is invalid',
  ],
]);

const scaled = (conditions: object[], status: object = {}, kind = 'ScaledObject'): KubeObject =>
  golden('keda.sh/v1alpha1', kind, { spec: { triggers: [{ type: 'prometheus' }] }, status: { ...status, conditions } });
const scaledReady = condition('Ready', 'True', 'ScaledObjectReady', 'ready for scaling');
healthTable('keda', [
  ['ready', scaled([scaledReady, condition('Active', 'True')]), 'Healthy', '-', '1 triggers, active'],
  ['ready and not active', scaled([scaledReady, condition('Active', 'False')]), 'Healthy', '-', 'not active'],
  ['new', scaled([condition('Ready', 'Unknown')]), 'Progressing', 'no-status', 'Ready is Unknown'],
  ['of an older spec', scaled([scaledReady], { observedGeneration: 1 }), 'Progressing', 'generation', 'generation 2'],
  [
    'without its target',
    scaled([condition('Ready', 'False', 'ScaledObjectCheckFailed', 'no Deployment m')]),
    'Degraded',
    'not-ready',
    'no Deployment m',
  ],
  [
    'whose autoscaler has no metrics yet',
    scaled([condition('Ready', 'False', 'HPAMetricsUnavailable', 'no cpu')]),
    'Progressing',
    'metrics',
    'no cpu',
  ],
  [
    'on its fallback',
    scaled([scaledReady, condition('Fallback', 'True', 'FallbackExists', 'at least one trigger is falling back')], {
      health: { s0: { numberOfFailures: 4, status: 'Failing' } },
    }),
    'Degraded',
    'fallback',
    '1 of 1 external triggers fail',
  ],
  [
    'paused',
    scaled([scaledReady, condition('Paused', 'True', 'ScaledJobPaused', 'is paused')], {}, 'ScaledJob'),
    'Suspended',
    'paused',
    'is paused',
  ],
]);

const flux = (group: string, kind: string, conditions: object[], status: object = {}, spec: object = {}): KubeObject =>
  golden(`${group}.toolkit.fluxcd.io/v1`, kind, { spec, status: { observedGeneration: 2, ...status, conditions } });
const kustomization = (conditions: object[], status?: object, spec?: object): KubeObject =>
  flux('kustomize', 'Kustomization', conditions, status, spec);
const applied = condition('Ready', 'True', 'ReconciliationSucceeded', '', 2);
healthTable('flux', [
  ['ready', kustomization([applied], { lastAppliedRevision: 'main@sha1:ab12' }), 'Healthy', '-', 'main@sha1:ab12'],
  ['held', kustomization([applied], {}, { suspend: true }), 'Suspended', 'suspended', 'spec.suspend'],
  [
    'ready in an older generation',
    kustomization([applied], { observedGeneration: 1 }),
    'Progressing',
    'generation',
    'generation 2',
  ],
  ['never reconciled', kustomization([], { observedGeneration: -1 }), 'Progressing', 'generation', 'last -1'],
  ['new', golden('kustomize.toolkit.fluxcd.io/v1', 'Kustomization'), 'Progressing', 'no-status', 'not reported'],
  [
    'at work',
    kustomization([condition('Ready', 'Unknown', 'Progressing', 'building'), condition('Reconciling', 'True')]),
    'Progressing',
    'reconciling',
    'building',
  ],
  [
    'waiting for another',
    kustomization([condition('Ready', 'False', 'DependencyNotReady', 'infra')]),
    'Progressing',
    'reconciling',
    'infra',
  ],
  [
    'failed',
    kustomization([condition('Ready', 'False', 'BuildFailed', 'no such file')]),
    'Degraded',
    'not-ready',
    'no such file',
  ],
  [
    'failed, and trying again',
    kustomization([
      condition('Ready', 'False', 'HealthCheckFailed', 'timeout'),
      condition('Reconciling', 'True', 'ProgressingWithRetry'),
    ]),
    'Degraded',
    'not-ready',
    'timeout',
  ],
  [
    'stalled',
    flux('helm', 'HelmRelease', [
      condition('Ready', 'False', 'UpgradeFailed'),
      condition('Stalled', 'True', 'RetriesExceeded', '3 of 3'),
    ]),
    'Degraded',
    'stalled',
    '3 of 3',
  ],
  [
    'a fetched repository',
    flux('source', 'GitRepository', [applied], { artifact: { revision: 'main@sha1:cd34' } }),
    'Healthy',
    '-',
    'cd34',
  ],
  [
    'an OCI Helm repository',
    flux('source', 'HelmRepository', [], {}, { type: 'oci' }),
    'Healthy',
    'static',
    'no status',
  ],
  ['an alert', golden('notification.toolkit.fluxcd.io/v1beta3', 'Alert'), 'Healthy', 'static', 'no status'],
]);
