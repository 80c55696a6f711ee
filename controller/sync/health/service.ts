import type { KubeObject } from '../../kube/types.ts';
import { type Health, healthy, progressing } from './health.ts';
import { listAt, textAt } from './read.ts';

/** Service: healthy as it is, except that a load balancer must have an address. */
export function serviceHealth(object: KubeObject): Health {
  const waits =
    textAt(object, 'spec', 'type') === 'LoadBalancer' &&
    listAt(object, 'status', 'loadBalancer', 'ingress').length === 0;
  return waits ? progressing('the load balancer has no address yet') : healthy;
}
