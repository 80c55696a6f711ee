import { canonicalJson } from '../manifest/canonical.ts';
import type { CapacityInput } from './capacity.ts';
import { testedPods } from './capacity.ts';
import { availablePods, hashOf } from './replica-sets.ts';
import { enoughPods } from './routed-replicas.ts';
import type { Settings } from './settings.ts';
import type { ManagedRoute, RolloutSnapshot, RouteState } from './snapshot.ts';
import type { Step } from './steps.ts';
import { pointsAtHash } from './traffic.ts';

/** The managed routes that a decision wants. */
export interface WantedRoutes {
  routes: readonly ManagedRoute[];
  /** The version under test has its pods: routes that are not there may be added. Others only stay. */
  mayAdd: boolean;
}

/** The identity of a managed route: name, kind and what it matches. */
export function keyOfManaged(route: ManagedRoute): string {
  return canonicalJson(route);
}

/** The routes that the steps up to and including the one at `index` have set and not removed, in the order of `managedRoutes`. */
export function routesAt({ steps, managedRoutes }: Settings, index: number): readonly ManagedRoute[] {
  const set = new Map<string, ManagedRoute>();
  for (const step of steps.slice(0, index + 1)) {
    if (step.kind !== 'setHeaderRoute' && step.kind !== 'setMirrorRoute') continue;
    if (step.route === undefined) set.delete(step.name);
    else set.set(step.name, step.route);
  }
  return managedRoutes.flatMap((name) => set.get(name) ?? []);
}

/** Every route that a step of the spec can ask for. */
export function allManaged(steps: readonly Step[]): readonly ManagedRoute[] {
  return steps.flatMap((step) =>
    step.kind === 'setHeaderRoute' || step.kind === 'setMirrorRoute' ? (step.route ?? []) : [],
  );
}

/** Whether every router has, and has accepted, exactly these routes. */
export function routesSettled({ routes }: RolloutSnapshot, wanted: readonly ManagedRoute[]): boolean {
  return routes.every((route) => route.state === 'present' && route.accepted === 'yes' && shows(route, wanted));
}

/** Whether a router has exactly these routes, in this order. */
export function shows({ managed = [] }: RouteState & { state: 'present' }, wanted: readonly ManagedRoute[]): boolean {
  return managed.length === wanted.length && wanted.every((one, at) => keyOfManaged(one) === managed[at]?.key);
}

/** Those of the wanted routes that a router has already. */
export function alreadyShown(
  { managed = [] }: RouteState & { state: 'present' },
  wanted: readonly ManagedRoute[],
): readonly ManagedRoute[] {
  const keys = new Set(managed.map(({ key }) => key));
  return wanted.filter((one) => keys.has(keyOfManaged(one)));
}

/**
 * The routes to have now; undefined to leave them as they are. They lead to the version under test, so there are none
 * without one, after an abort, and while nothing serves behind the canary Service; and they are added only when it has
 * the pods of its step. With steps that cannot be taken up they stay.
 */
export function wantedRoutes(pods: CapacityInput, at: { index: number; unknown: boolean }): WantedRoutes | undefined {
  const { settings, traffic, tested, aborted } = pods;
  const none = { routes: [], mayAdd: false };
  if (tested === undefined || aborted || availablePods(tested) === 0) return none;
  if (!pointsAtHash(traffic.canary, hashOf(tested))) return none;
  if (at.unknown) return undefined;
  const mayAdd = availablePods(tested) >= Math.max(1, enoughPods(settings, testedPods(pods)));
  return { routes: routesAt(settings, at.index), mayAdd };
}
