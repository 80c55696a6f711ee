import { POD_TEMPLATE_HASH_LABEL } from '../api/names.ts';
import { Reason } from '../api/reasons.ts';
import type { AdditionalBackend, Command, DecisionEvent } from './decision.ts';
import { hasAdditional, sumOf } from './experiment-weights.ts';
import { alreadyShown, shows, type WantedRoutes } from './managed-routes.ts';
import type { ManagedRoute, RolloutSnapshot, RouteState, Service } from './snapshot.ts';

export interface ServiceCommands {
  commands: readonly Command[];
  events: readonly DecisionEvent[];
}

/** A Service and the hash that it should get; undefined to leave it as it is. */
export type ServiceMove = readonly [service: string | undefined, hash: string | undefined];

/** Points the Services at their versions, and lets go of those that the spec no longer names. */
export function serviceCommands(
  snapshot: RolloutSnapshot,
  moves: readonly ServiceMove[],
  untouchable: ReadonlySet<string>,
  abandoned: readonly Service[],
): ServiceCommands {
  const commands: Command[] = [];
  const events: DecisionEvent[] = [];
  const move = (service: Service | undefined, hash: string | null | undefined): void => {
    const { name, resourceVersion } = service?.metadata ?? {};
    if (name === undefined || resourceVersion === undefined || hash === undefined || untouchable.has(name)) return;
    const old = service?.spec.selector?.[POD_TEMPLATE_HASH_LABEL];
    commands.push({ type: 'setServiceSelector', service: name, resourceVersion, hash });
    const message = `Switched selector of Service ${name} from ${old ?? 'all versions'} to ${hash ?? 'all versions'}`;
    events.push({ type: 'Normal', reason: Reason.SwitchService, message });
  };
  const find = (name: string | undefined): Service | undefined =>
    name !== undefined && Object.hasOwn(snapshot.services, name) ? snapshot.services[name] : undefined;
  for (const [name, hash] of moves) move(find(name), hash);
  for (const service of abandoned) move(service, null);
  return { commands, events };
}

export interface WeightCommands {
  /** Those that give the stable version more: nothing has to happen before them. */
  lower: readonly Command[];
  /** Those that give the version under test more: its pods and its Service come first. */
  raise: readonly Command[];
  events: readonly DecisionEvent[];
}

/** What routers do beside the weight of the version under test. */
export interface BesideWeights {
  additional?: readonly AdditionalBackend[];
  managed?: WantedRoutes | undefined;
}

/** Brings every route that exists to the weight and to the managed routes (undefined: those that it has). */
export function weightCommands(
  snapshot: RolloutSnapshot,
  weight: number,
  recorded: number,
  version: string,
  { additional = [], managed }: BesideWeights = {},
): WeightCommands {
  const lower: Command[] = [];
  const raise: Command[] = [];
  const events: DecisionEvent[] = [];
  const changed: (readonly ManagedRoute[])[] = [];
  let weighs = false;
  for (const route of snapshot.routes) {
    if (route.state !== 'present') continue;
    const reweighs = route.canaryWeight !== weight || !hasAdditional(route, additional);
    const falls = weight <= (route.canaryWeight ?? recorded) && sumOf(additional) <= sumOf(route.additional ?? []);
    const routes = managed && routesFor(route, managed, falls && reweighs);
    const same = routes === undefined || shows(route, routes);
    if (!reweighs && same) continue;
    weighs ||= reweighs;
    if (!same) changed.push(routes);
    const command: Command = {
      type: 'setWeights',
      route: route.name,
      canaryWeight: weight,
      ...(additional.length > 0 ? { additional } : {}),
      ...(same ? {} : { managed: routes }),
    };
    const adds = !same && alreadyShown(route, routes).length < routes.length;
    (falls && !adds ? lower : raise).push(command);
  }
  if (weighs) {
    const shown = snapshot.routes.map((route) => (route.state === 'present' ? route.canaryWeight : undefined));
    const from = shown.every((one) => one === shown[0]) && shown[0] !== undefined ? `from ${shown[0]} to ` : 'to ';
    const given = additional.map((one) => `${one.service} ${one.weight}`).join(', ');
    const share = given === '' ? '' : `, of the experiment: ${given}`;
    const message = `Traffic weight of ${version} updated ${from}${weight}${share}`;
    events.push({ type: 'Normal', reason: Reason.TrafficWeightUpdated, message });
  }
  const [routes] = changed;
  if (routes !== undefined) {
    const names = routes.length === 0 ? 'none' : routes.map(({ name }) => name).join(', ');
    const message = `Managed routes to ${version}: ${names}`;
    events.push({ type: 'Normal', reason: Reason.TrafficRoutesUpdated, message });
  }
  return { lower, raise, events };
}

/** What one router gets of them. Where requests are taken away, that comes first, and routes are added by a later decision. */
function routesFor(
  route: RouteState & { state: 'present' },
  { routes, mayAdd }: WantedRoutes,
  falls: boolean,
): readonly ManagedRoute[] {
  return mayAdd && !falls ? routes : alreadyShown(route, routes);
}
