import { POD_TEMPLATE_HASH_LABEL } from '../api/names.ts';
import { Reason } from '../api/reasons.ts';
import type { AdditionalBackend, Command, DecisionEvent } from './decision.ts';
import { hasAdditional, sumOf } from './experiment-weights.ts';
import type { RolloutSnapshot, Service } from './snapshot.ts';

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

/** Brings every route that exists to the weight. */
export function weightCommands(
  snapshot: RolloutSnapshot,
  weight: number,
  recorded: number,
  version: string,
  additional: readonly AdditionalBackend[] = [],
): WeightCommands {
  const lower: Command[] = [];
  const raise: Command[] = [];
  for (const route of snapshot.routes) {
    if (route.state !== 'present' || (route.canaryWeight === weight && hasAdditional(route, additional))) continue;
    const command: Command = {
      type: 'setWeights',
      route: route.name,
      canaryWeight: weight,
      ...(additional.length > 0 ? { additional } : {}),
    };
    const falls = weight <= (route.canaryWeight ?? recorded) && sumOf(additional) <= sumOf(route.additional ?? []);
    (falls ? lower : raise).push(command);
  }
  if (lower.length + raise.length === 0) return { lower, raise, events: [] };
  const shown = snapshot.routes.map((route) => (route.state === 'present' ? route.canaryWeight : undefined));
  const from = shown.every((one) => one === shown[0]) && shown[0] !== undefined ? `from ${shown[0]} to ` : 'to ';
  const given = additional.map((one) => `${one.service} ${one.weight}`).join(', ');
  const share = given === '' ? '' : `, of the experiment: ${given}`;
  const message = `Traffic weight of ${version} updated ${from}${weight}${share}`;
  return { lower, raise, events: [{ type: 'Normal', reason: Reason.TrafficWeightUpdated, message }] };
}
