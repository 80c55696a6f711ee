import type { Application } from '../api/generated/application.ts';
import { specProblem } from '../api/stored-object.ts';
import type { KubeObject, ObjectKey, ReconcileResult, Store } from '../kube/types.ts';
import { Lru } from '../platform/lru.ts';
import { decideDependencies, dependenciesOf, type Others } from '../sync/dependencies.ts';
import { type Hold, holdBy, windowsOf } from '../sync/hold.ts';
import { decideWindows, type SyncWindow, type WindowVerdict, windowsProblem } from '../sync/windows.ts';

/** Name of the index over Applications by those that they depend on. */
export const DEPENDENTS_INDEX = 'dependents';

/** The keys under which that index has an Application. */
export function dependentsIndex(application: KubeObject): readonly ObjectKey[] {
  return dependenciesOf(application as Application);
}

/** A timer cannot wait for longer. */
const LONGEST_MS = 86_400_000;

/** What holds an Application now, and when that must be looked at again though nothing tells. */
export interface Held {
  hold: Hold | undefined;
  /** Milliseconds since the epoch. */
  changesAt: number | undefined;
}

/** Verdicts by their windows, since many Applications have the same, and the answer stays the same for hours. */
const verdicts = new Lru<string, { from: number; until: number; verdict: WindowVerdict }>(1000);
const RECHECK_MS = 600_000;

/** @param now milliseconds since the epoch */
function verdictNow(windows: readonly SyncWindow[], now: number): WindowVerdict {
  const key = JSON.stringify(windows);
  const known = verdicts.get(key);
  if (known !== undefined && known.from <= now && now < known.until) return known.verdict;
  const verdict = decideWindows(windows, now);
  verdicts.set(key, { from: now, until: verdict.changesAt ?? now + RECHECK_MS, verdict });
  return verdict;
}

/**
 * What holds an Application now; nothing does when its spec cannot be understood, since then nothing is synced anyway.
 *
 * @param sources tells whether another has a commit that it has not acted on
 * @param now milliseconds since the epoch
 */
export function heldNow(
  applications: Store<Application>,
  sources: Pick<Others, 'isBehind'>,
  application: Application,
  now: number,
): Held {
  if ((specProblem(application) ?? windowsProblem(application)) !== undefined) {
    return { hold: undefined, changesAt: undefined };
  }
  const windows = windowsOf(application);
  const verdict = windows && verdictNow(windows, now);
  const others: Others = {
    get: (key) => applications.get(key),
    isBehind: (key, revision) => sources.isBehind(key, revision),
  };
  return { hold: holdBy(verdict, decideDependencies(application, others)), changesAt: verdict?.changesAt };
}

/** The result of a pass, with a pass at the very moment when a sync window opens or closes. */
export function notAfter(result: ReconcileResult, changesAt: number | undefined, now: number): ReconcileResult {
  if (changesAt === undefined) return result;
  const edge = Math.min(Math.max(Math.ceil(changesAt - now), 1), LONGEST_MS);
  return { ...result, requeueAfterMs: Math.min(result.requeueAfterMs ?? edge, edge) };
}

/**
 * The Applications that a change of one may let go on: those that depend on it; and when the dependencies themselves may
 * have changed, those that depend on these, since a circle may have come or gone.
 */
export function dependents(applications: Store<Application>, changed: ObjectKey, far: boolean): ReadonlySet<ObjectKey> {
  const found = new Set<ObjectKey>();
  const todo = [changed];
  for (let key = todo.pop(); key !== undefined; key = todo.pop()) {
    for (const { metadata } of applications.byIndex(DEPENDENTS_INDEX, key)) {
      const dependent = `${metadata.namespace}/${metadata.name}`;
      if (found.has(dependent)) continue;
      found.add(dependent);
      if (far) todo.push(dependent);
    }
  }
  return found;
}
