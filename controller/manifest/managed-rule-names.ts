/**
 * Names of the rules of an HTTPRoute that a Rollout puts there for its managed routes: `slipway.<rollout>.<route>.<n>`. By
 * them both halves tell these rules from the user's, which may well send the same requests to the same Service. The name of a
 * managed route has no dots, so no two Rollouts make the same.
 */
export function managedRuleName(rollout: string, managed: string, n: number): string {
  return `${prefixOf(rollout)}${managed}.${n}`;
}

/** The managed route that a rule of this name belongs to; undefined when it is not one of this Rollout. */
export function managedRouteOf(rule: unknown, rollout: string): string | undefined {
  const prefix = prefixOf(rollout);
  if (typeof rule !== 'string' || !rule.startsWith(prefix)) return undefined;
  return /^([a-z0-9-]+)\.\d+$/.exec(rule.slice(prefix.length))?.[1];
}

/** Whether a rule of this name is a managed one, of whatever Rollout. */
export function isManagedRule(rule: unknown): boolean {
  return typeof rule === 'string' && /^slipway\..+\.[a-z0-9-]+\.\d+$/.test(rule);
}

function prefixOf(rollout: string): string {
  return `slipway.${rollout}.`;
}
