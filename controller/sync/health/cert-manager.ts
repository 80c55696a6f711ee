import type { KubeObject } from '../../kube/types.ts';
import { degraded, type Finding, healthy, progressing } from './health.ts';
import { conditionOf, explain, numberAt, staleCondition, textAt } from './read.ts';

/**
 * cert-manager Certificate: the Secret holds a valid certificate for the current spec. While it is being renewed the old one
 * is still valid, so it stays healthy.
 */
export function certificateHealth(object: KubeObject): Finding {
  const ready = conditionOf(object, 'Ready');
  const stale = ready && staleCondition(object, ready);
  if (stale !== undefined) return progressing(stale, 'generation');
  if (ready?.status === 'True') {
    const until = textAt(object, 'status', 'notAfter');
    return healthy(until === '' ? explain(ready) : `valid until ${until}`);
  }
  const issuing = conditionOf(object, 'Issuing');
  if (issuing?.status === 'True') return progressing(explain(issuing), 'issuing');
  const attempts = numberAt(object, ['status', 'failedIssuanceAttempts'], 0);
  if (issuing !== undefined || attempts > 0 || textAt(object, 'status', 'lastFailureTime') !== '') {
    const why = issuing ?? ready;
    return degraded(`${why === undefined ? 'issuing failed' : explain(why)} (${attempts} failed attempts)`, 'failed');
  }
  if (ready?.status === 'False') return degraded(explain(ready), 'not-ready');
  return progressing(ready === undefined ? 'condition Ready is not reported yet' : explain(ready), 'no-status');
}

/** cert-manager Issuer and ClusterIssuer: can issue. */
export function issuerHealth(object: KubeObject): Finding {
  const ready = conditionOf(object, 'Ready');
  if (ready === undefined) return progressing('condition Ready is not reported yet', 'no-status');
  const stale = staleCondition(object, ready);
  if (stale !== undefined) return progressing(stale, 'generation');
  switch (ready.status) {
    case 'True':
      return healthy(explain(ready));
    case 'False':
      return degraded(explain(ready), 'not-ready');
    default:
      return progressing(explain(ready), 'pending');
  }
}

/** cert-manager CertificateRequest: issued. Its spec cannot change, so there is no older generation to fear. */
export function certificateRequestHealth(object: KubeObject): Finding {
  for (const type of ['Denied', 'InvalidRequest']) {
    const refused = conditionOf(object, type);
    if (refused?.status === 'True') return degraded(`${type}: ${explain(refused)}`, 'refused');
  }
  const ready = conditionOf(object, 'Ready');
  if (ready?.status === 'True') return healthy(explain(ready));
  if (ready !== undefined && ready.reason !== 'Pending') return degraded(explain(ready), 'failed');
  if (conditionOf(object, 'Approved')?.status !== 'True') return progressing('nobody has approved it yet', 'approval');
  return progressing(ready === undefined ? 'approved, its issuer has not looked at it yet' : explain(ready), 'pending');
}
