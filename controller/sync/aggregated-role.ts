import type { KubeObject } from '../kube/types.ts';

/**
 * An aggregated ClusterRole that asks for no rules of its own, as in `rules: []`, without that list; any other object as it
 * is. A controller of Kubernetes fills the rules in; sent as an empty list they would be emptied again and again.
 */
export function withoutForeignRules<T extends KubeObject>(object: T): T {
  const { rules, ...others } = object;
  const { apiVersion, kind, aggregationRule } = object;
  const aggregated = kind === 'ClusterRole' && apiVersion.startsWith('rbac.authorization.k8s.io/') && aggregationRule;
  return aggregated && Array.isArray(rules) && rules.length === 0 ? (others as unknown as T) : object;
}
