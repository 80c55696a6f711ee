import type { RolloutStatus } from '../api/generated/rollout.ts';
import { MANAGED_BY_ANNOTATION, POD_TEMPLATE_HASH_LABEL } from '../api/names.ts';
import { hashOf } from './replica-sets.ts';
import type { Settings } from './settings.ts';
import type { ReplicaSet, RolloutSnapshot, RouteState, Service } from './snapshot.ts';

/** What a Service points at. */
export type Pointer =
  /** There is no such Service, or none is named. */
  | { at: 'nothing' }
  /** Its selector has no hash: it gets the pods of every version. */
  | { at: 'all' }
  | { at: 'hash'; hash: string };

/** Where requests go now, as far as the snapshot shows it. */
export interface Traffic {
  canary: Pointer;
  stable: Pointer;
  /**
   * The weight to keep while nothing else is wanted: what was last written, or less if all routes show less. Somebody may
   * have taken requests away by hand; giving them back is a raise like any other.
   */
  recorded: number;
  /** What all routes show; `recorded` when they do not agree. */
  shown: number;
  /** The highest weight that requests may follow now: 100 while the router has not confirmed what was written. */
  highest: number;
  /** The lowest weight that requests may follow now; what is left goes to the stable Service. */
  lowest: number;
  /** Why the routes cannot be trusted now; undefined when every route accepted what it has. */
  unsettled: { state: 'pending' | 'refused'; message: string } | undefined;
  /** All routes have and accepted this weight. */
  settledAt(weight: number): boolean;
  /** Whether a Service sends requests to this ReplicaSet in particular. */
  pointsAt(replicaSet: ReplicaSet): boolean;
}

export function trafficOf(snapshot: RolloutSnapshot, status: RolloutStatus, settings: Settings): Traffic {
  const canary = pointerOf(snapshot.services, settings.canaryService);
  const stable = pointerOf(snapshot.services, settings.stableService);
  const routes = settings.routed ? snapshot.routes : [];
  const weights = routes.map((route) => (route.state === 'present' ? route.canaryWeight : undefined));
  const agreed = weights.length > 0 && weights.every((weight) => weight === weights[0]) ? weights[0] : undefined;
  const written = status.canary?.weights?.canary.weight;
  const unsettled = routes.map(unsettledRoute).find((one) => one !== undefined);
  return {
    canary,
    stable,
    recorded: Math.min(written ?? agreed ?? 0, agreed ?? 100),
    shown: agreed ?? written ?? 0,
    highest: routes.length === 0 ? 0 : Math.max(...routes.map(highestWeight)),
    lowest: unsettled === undefined ? (agreed ?? 0) : 0,
    unsettled,
    settledAt: (weight) => unsettled === undefined && agreed === weight,
    pointsAt: (replicaSet) => {
      const hash = hashOf(replicaSet);
      return [canary, stable].some((to) => to.at === 'hash' && to.hash === hash);
    },
  };
}

export function pointsAtHash(pointer: Pointer, hash: string | undefined): boolean {
  return pointer.at === 'hash' && pointer.hash === hash;
}

/** Services of the snapshot that still carry this Rollout's mark though the spec does not name them. */
export function abandonedServices(snapshot: RolloutSnapshot, named: readonly (string | undefined)[]): Service[] {
  return Object.values(snapshot.services).filter(
    (service) =>
      service.metadata.annotations?.[MANAGED_BY_ANNOTATION] === snapshot.rollout.metadata.name &&
      !named.includes(service.metadata.name),
  );
}

/** What a Service of the snapshot points at. */
export function pointerOf(services: RolloutSnapshot['services'], name: string | undefined): Pointer {
  const service = name !== undefined && Object.hasOwn(services, name) ? services[name] : undefined;
  if (service === undefined) return { at: 'nothing' };
  const hash = service.spec.selector?.[POD_TEMPLATE_HASH_LABEL];
  return hash === undefined ? { at: 'all' } : { at: 'hash', hash };
}

function highestWeight(route: RouteState): number {
  switch (route.state) {
    case 'missing':
      return 0;
    case 'invalid':
      return 100;
    case 'present':
      if (route.accepted !== 'yes') return 100;
      // Routes beside the weights may be used by few, but they may be used.
      return Math.max(route.canaryWeight ?? 100, (route.managed ?? []).length > 0 ? 1 : 0);
  }
}

function unsettledRoute(route: RouteState): Traffic['unsettled'] {
  switch (route.state) {
    case 'missing':
      return { state: 'refused', message: `HTTPRoute "${route.name}" does not exist` };
    case 'invalid':
      return { state: 'refused', message: route.message };
    case 'present': {
      if (route.accepted === 'yes') return undefined;
      const what = route.accepted === 'pending' ? 'is not accepted yet' : 'is refused by the router';
      const reason = route.reason === undefined ? '' : `: ${route.reason}`;
      return { state: route.accepted, message: `HTTPRoute "${route.name}" ${what}${reason}` };
    }
  }
}
