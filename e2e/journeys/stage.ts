import type { Facts } from './facts.ts';
import type { MergedPullRequest } from './forge.ts';
import type { Kubectl } from './kubectl.ts';
import type { AliasMove, RegistryView } from './model-registry.ts';
import type { Observer, Route } from './observer.ts';
import type { Repository } from './repository.ts';
import type { Traffic } from './traffic.ts';

/** Where the demo's objects are, and what they are called. */
export const NAMESPACE = 'slipway-demo';
/** Name of the Application, of the Rollout, of the HTTPRoute and of the model. */
export const NAME = 'fraud';
/** How long a version may take from its merge to a verdict on a slow machine. */
export const RELEASE_MS = 240_000;
/** How long anything may take that should happen at once. */
export const SOON_MS = 60_000;

/** A span that is worth a line in the summary. */
export interface Timing {
  readonly what: string;
  readonly ms: number;
}

/** Output of a command to show in the summary. */
export interface Exhibit {
  readonly command: string;
  readonly output: string;
}

/** All that a journey acts on and looks at. */
export interface Stage {
  readonly observer: Observer;
  readonly repository: Repository;
  readonly traffic: Traffic;
  readonly registry: RegistryView;
  readonly kubectl: Kubectl;
  readonly facts: Facts;
  /** Where the alias of the serving version pointed, from the start. */
  readonly championMoves: AliasMove[];
  readonly timings: Timing[];
  readonly exhibits: Exhibit[];
  /** Tells the user what happens. */
  readonly say: (line: string) => void;
}

/** The canary's share in percent as the route says it; undefined when there is no route. */
export function canaryWeight(route: Route | undefined): number | undefined {
  const refs = route?.spec.rules?.[0]?.backendRefs ?? [];
  return refs.find((ref) => ref.name === `${NAME}-canary`)?.weight;
}

/** The weights that the canary had since a moment, without repeats, for example [0, 10, 50, 100, 0]. */
export function weightsSince(stage: Stage, since: number): number[] {
  const all = stage.observer.history<Route>('HTTPRoute', NAME, since).map(({ object }) => canaryWeight(object) ?? -1);
  return all.filter((weight, index) => weight !== all[index - 1]);
}

/** What an operator would want to know of the state of things, in one line; for a wait that failed. */
export function seen({ observer }: Pick<Stage, 'observer'>): string {
  const app = observer.application(NAME)?.status;
  const rollout = observer.rollout(NAME);
  const status = rollout?.status;
  const weight = canaryWeight(observer.route(NAME));
  const parts = [
    `Application ${app?.sync?.status ?? 'without sync status'} ${app?.sync?.shortRevision ?? ''} ${app?.health?.status ?? ''} (${app?.message ?? ''})`,
    `Rollout spec ${rollout?.spec.model?.version ?? '-'} phase ${status?.phase ?? '-'} step ${status?.step ?? '-'} model ${status?.model?.summary ?? '-'} (${status?.message ?? ''})`,
    `canary weight ${weight ?? '-'}`,
    ...observer
      .analysisRuns()
      .slice(-1)
      .map((run) => `${run.metadata.name} ${run.status?.phase ?? '-'} (${run.status?.message ?? ''})`),
  ];
  return parts.join('; ');
}

/** Waits until the merge is applied: the Application says so and the Rollout asks for the version. */
export async function untilApplied(stage: Stage, merged: MergedPullRequest, version: string): Promise<number> {
  const { observer } = stage;
  const at = await observer.until(
    `the Rollout to ask for version ${version}`,
    SOON_MS,
    () =>
      observer
        .history<NonNullable<ReturnType<Observer['rollout']>>>('Rollout', NAME, merged.askedAt)
        .find(({ object }) => object.spec.model?.version === version)?.at,
    () => seen(stage),
  );
  await observer.until(
    `the Application to be synced to ${merged.mergeCommit.slice(0, 7)}`,
    SOON_MS,
    () => {
      const sync = observer.application(NAME)?.status?.sync;
      return sync?.revision === merged.mergeCommit && sync.status === 'Synced' ? true : undefined;
    },
    () => seen(stage),
  );
  stage.timings.push({ what: `merge of "${merged.title}" to applied`, ms: Math.max(0, at - merged.mergedAt) });
  return at;
}

/** Waits until a version serves everything and the Rollout is done with it; returns when that was seen. */
export function untilServing(stage: Stage, version: string, timeoutMs: number): Promise<number> {
  const { observer } = stage;
  return observer.until(
    `version ${version} to serve`,
    timeoutMs,
    () => {
      const rollout = observer.rollout(NAME);
      const { status } = rollout ?? {};
      const done =
        rollout?.spec.model?.version === version &&
        status?.phase === 'Healthy' &&
        status.observedGeneration === rollout.metadata.generation &&
        status.model?.stable?.version === version;
      return done ? performance.now() : undefined;
    },
    () => seen(stage),
  );
}

/** Waits until the route gives the canary this share; returns when that was seen. */
export function untilWeight(stage: Stage, weight: number, since: number, timeoutMs: number): Promise<number> {
  const { observer } = stage;
  return observer.until(
    `the canary's weight to be ${weight}`,
    timeoutMs,
    () => observer.history<Route>('HTTPRoute', NAME, since).find(({ object }) => canaryWeight(object) === weight)?.at,
    () => seen(stage),
  );
}

/** Waits until the route gives everything to the stable Service again, as it is between two releases. */
export function untilSettled(stage: Stage): Promise<true> {
  const { observer } = stage;
  return observer.until(
    'the route to be back at rest',
    SOON_MS,
    () => (canaryWeight(observer.route(NAME)) === 0 ? true : undefined),
    () => seen(stage),
  );
}

/** Waits until nobody was answered by a version during the last `count` answers; returns its last answer's sending time. */
export async function untilSilent(stage: Stage, version: string, since: number, count = 60): Promise<number> {
  const { traffic } = stage;
  let quiet = 0;
  await traffic.until(`version ${version} to get no more requests`, SOON_MS, since, (answer) => {
    quiet = answer.version === version ? 0 : quiet + 1;
    return quiet >= count;
  });
  const last = traffic.answers.filter((answer) => answer.version === version).map(({ sentAt }) => sentAt);
  return Math.max(0, ...last);
}
