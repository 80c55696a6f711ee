import type { KubeObject } from '../../kube/types.ts';
import { type Finding, healthy } from './health.ts';
import { listAt } from './read.ts';

/**
 * Ingress: healthy as it is. An address in the status cannot be asked for: many ingress controllers never write one, and
 * their Applications would progress for ever.
 */
export function ingressHealth(object: KubeObject): Finding {
  const addresses = listAt(object, 'status', 'loadBalancer', 'ingress').length;
  return healthy(addresses === 0 ? 'no address reported' : `reports ${addresses} addresses`);
}
