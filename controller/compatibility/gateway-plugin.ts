import type { KubeObject } from '../kube/types.ts';
import { asList, asObject, asText, type Json } from '../rollout/plain.ts';

/** The name under which Rollouts ask for the Gateway API plugin of Argo Rollouts. */
const PLUGIN = 'argoproj-labs/gatewayAPI';

/**
 * What the Gateway API plugin was asked to do, this controller does by itself: `trafficRouting.plugins` with that plugin alone
 * and HTTPRoutes of the Rollout's namespace becomes `trafficRouting.gatewayAPI`, in place. Anything else stays as it is,
 * and is then refused as not served.
 */
export function readGatewayPlugin(rollout: KubeObject): void {
  const canary = asObject(asObject(asObject(rollout['spec'])?.['strategy'])?.['canary']);
  const routing = asObject(canary?.['trafficRouting']);
  const plugins = asObject(routing?.['plugins']);
  if (canary === undefined || routing === undefined || plugins === undefined) return;
  const config = asObject(plugins[PLUGIN]);
  if (config === undefined || Object.keys(plugins).length > 1) return;
  const names = routeNames(config, rollout.metadata.namespace);
  if (names === undefined) return;
  const { plugins: _, ...rest } = routing;
  canary['trafficRouting'] = { ...rest, gatewayAPI: { httpRoutes: names.map((name) => ({ name })) } };
}

/** Names of HTTPRoutes; undefined when the plugin is asked for something else. */
function routeNames(config: Json, namespace: string | undefined): readonly string[] | undefined {
  const { httpRoute, httpRoutes, namespace: given, disableInProgressLabel: _, ...others } = config;
  if (Object.keys(others).length > 0 || (given !== undefined && given !== namespace)) return undefined;
  const listed = asList(httpRoutes).map((route) => {
    const { name, useHeaderRoutes = true, ...more } = asObject(route) ?? {};
    return useHeaderRoutes === true && Object.keys(more).length === 0 ? asText(name) : undefined;
  });
  const names = httpRoute === undefined ? listed : [asText(httpRoute), ...listed];
  const known = names.flatMap((name) => name ?? []);
  return known.length === 0 || known.length < names.length ? undefined : known;
}
