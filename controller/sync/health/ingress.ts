import type { KubeObject } from '../../kube/types.ts';
import { type Health, healthy } from './health.ts';
import { listAt } from './read.ts';

/**
 * Ingress: healthy as it is. An address in the status cannot be asked for: many ingress controllers never write one, and
 * their Applications would progress for ever.
 */
export function ingressHealth(object: KubeObject): Health {
  return listAt(object, 'status', 'loadBalancer', 'ingress').length > 0
    ? healthy
    : { status: 'Healthy', message: 'no address reported' };
}
