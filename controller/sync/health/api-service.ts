import type { KubeObject } from '../../kube/types.ts';
import { type Finding, healthy, progressing } from './health.ts';
import { conditionOf, explain } from './read.ts';

/**
 * APIService: the server behind it answers. Not available is how every one starts, and nothing in the status tells that from
 * one that broke, so it is never Degraded.
 */
export function apiServiceHealth(object: KubeObject): Finding {
  const available = conditionOf(object, 'Available');
  if (available === undefined) return progressing('nobody has asked its server yet', 'no-status');
  return available.status === 'True' ? healthy(explain(available)) : progressing(explain(available), 'available');
}
