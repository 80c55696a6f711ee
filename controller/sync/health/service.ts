import type { KubeObject } from '../../kube/types.ts';
import { type Finding, healthy, progressing } from './health.ts';
import { listAt, textAt } from './read.ts';

/** Service: healthy as it is, except that a load balancer must have an address. */
export function serviceHealth(object: KubeObject): Finding {
  const type = textAt(object, 'spec', 'type') || 'ClusterIP';
  if (type !== 'LoadBalancer') return healthy(`a Service of type ${type} has nothing to wait for`);
  const addresses = listAt(object, 'status', 'loadBalancer', 'ingress').length;
  return addresses === 0
    ? progressing('the load balancer has no address yet', 'address')
    : healthy(`the load balancer has ${addresses} ${addresses === 1 ? 'address' : 'addresses'}`);
}
