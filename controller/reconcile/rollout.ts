import type { Rollout } from '../api/generated/rollout.ts';
import { Reason } from '../api/reasons.ts';
import { specProblem } from '../api/stored-object.ts';
import { isKubeError } from '../kube/errors.ts';
import type { SharedInformers } from '../kube/informers.ts';
import {
  type Discovery,
  type EventRecorder,
  type KubeClient,
  type KubeObject,
  keyOf,
  type ObjectKey,
  type ReconcileResult,
} from '../kube/types.ts';
import type { Clock } from '../platform/clock.ts';
import { messageOf, SlipwayError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import type { Random } from '../platform/random.ts';
import type { RolloutDecision } from '../rollout/decision.ts';
import type { Marks, Outcome } from '../rollout/execute.ts';
import { REPLICA_SET_RESOURCE } from '../rollout/resources.ts';
import type { RolloutSnapshot } from '../rollout/snapshot.ts';
import { ConfigCache } from './config-cache.ts';
import { HttpRouteCache } from './http-route-cache.ts';
import { ModelStates, type Registries } from './model-states.ts';
import { OwnWrites } from './own-writes.ts';
import type { RolloutCaches } from './rollout-caches.ts';
import { type ConfigOfRollout, readConfig } from './rollout-config.ts';
import { RolloutEffects } from './rollout-effects.ts';
import { readPods } from './rollout-pods.ts';
import { RolloutReport } from './rollout-report.ts';
import { buildSnapshot, type RoutesRead, readRoutes } from './rollout-snapshot.ts';
import { watchForRollouts } from './rollout-watches.ts';
import { releaseServices } from './service-cleanup.ts';
import { isRefusal, TemplateRefusals } from './template-refusals.ts';
import { neededKinds, readWorkload, WorkloadCache } from './workload-cache.ts';
import { WriteBacks } from './write-backs.ts';

export interface RolloutReconcilerOptions {
  client: KubeClient;
  discovery: Discovery;
  informers: Pick<SharedInformers, 'acquire'>;
  /** Synced before the first reconcile. */
  caches: RolloutCaches;
  /** The product: pure, see controller/rollout/decide.ts. */
  decide: (snapshot: RolloutSnapshot, now: number) => RolloutDecision;
  registries: Registries;
  /** By the custom of the API group that is served; ours has none. */
  marks?: Marks | undefined;
  events: EventRecorder;
  clock: Clock;
  random: Random;
  logger: Logger;
  enqueue(key: ObjectKey): void;
}

/** A decision, and how long until it has to be made again because of what only this process remembers. */
interface Made {
  decision: RolloutDecision;
  againMs: number | undefined;
}

/** The first list of ConfigMaps takes less, or has an error to show. */
const CONFIG_GRACE_MS = 5000;
/** Backstop for a change that the cache does not show yet: its event comes first, as a rule. */
const CACHE_LAG_MS = 500;
/** Something was learned that changes the decision: decide again at once. */
const AT_ONCE_MS = 1;
/** A failure that may pass is told to the user when it lasts this long. */
const STALLED_AFTER_MS = 30_000;

/** Brings Rollouts forward: snapshot, decision, effects, status. One step per call; it never waits for anything slow. */
export class RolloutReconciler {
  readonly #options: RolloutReconcilerOptions;
  readonly #writes: OwnWrites;
  readonly #routes: HttpRouteCache;
  readonly #workloads: WorkloadCache;
  readonly #configs: ConfigCache;
  readonly #models: ModelStates;
  readonly #writeBacks: WriteBacks;
  readonly #effects: RolloutEffects;
  readonly #report: RolloutReport;
  readonly #refusals = new TemplateRefusals();
  /** Names that objects of others have, by Rollout. */
  readonly #takenNames = new Map<ObjectKey, Set<string>>();
  readonly #failingSince = new Map<ObjectKey, number>();
  /** Which object of that name the memory is about. */
  readonly #uids = new Map<ObjectKey, string | undefined>();
  readonly #unwatch: () => void;

  constructor(options: RolloutReconcilerOptions) {
    const { client, caches, clock, enqueue } = options;
    this.#options = options;
    const routed = (): readonly Rollout[] => caches.rollouts.byIndex('router', 'HTTPRoute');
    const enqueueAll = (rollouts: readonly Rollout[]): void => {
      for (const rollout of rollouts) enqueue(keyOf(rollout));
    };
    const routes = new HttpRouteCache({
      ...options,
      onRoute: (route) => enqueueAll(caches.rollouts.byIndex('httpRoute', route)),
      onState: () => enqueueAll(routed()),
    });
    const workloads = new WorkloadCache({
      ...options,
      onChange: (kind, key) => enqueueAll(caches.rollouts.byIndex('workload', `${kind}/${key}`)),
      onReady: (kind) => enqueueAll(caches.rollouts.byIndex('workloadKind', kind)),
    });
    const writes = new OwnWrites(client, clock);
    const models = new ModelStates({ ...options, onAnswer: enqueue });
    const writeBacks = new WriteBacks({ ...options, onProgress: enqueue });
    this.#routes = routes;
    this.#workloads = workloads;
    this.#configs = new ConfigCache(options);
    this.#writes = writes;
    this.#models = models;
    this.#writeBacks = writeBacks;
    this.#effects = new RolloutEffects({ client, caches, routes, workloads, writes, marks: options.marks });
    this.#report = new RolloutReport({ ...options, writes, writeBacks, paced: options.marks === undefined });
    this.#unwatch = watchForRollouts({
      caches,
      enqueue,
      onWorkloads: () => workloads.want(neededKinds(caches)),
      onRouted: () => routes.want(routed().length > 0),
      onRegistry: (rollouts) => {
        models.registryChanged(rollouts);
        writeBacks.retry(rollouts);
      },
    });
  }

  async reconcile(key: ObjectKey, signal: AbortSignal): Promise<ReconcileResult> {
    const { caches, logger } = this.#options;
    const rollout = caches.rollouts.get(key);
    if (rollout?.metadata.uid !== this.#uids.get(key)) this.#forget(key);
    if (rollout === undefined) {
      return (await releaseServices(key, { ...this.#options, signal })) ? {} : { requeueAfterMs: CACHE_LAG_MS };
    }
    this.#uids.set(key, rollout.metadata.uid);
    if (!(await this.#writes.caughtUp(key))) return { requeueAfterMs: CACHE_LAG_MS };
    const problem = specProblem(rollout);
    if (problem !== undefined && rollout.metadata.deletionTimestamp === undefined) {
      await this.#report.unreadable(rollout, problem, signal);
      return {};
    }
    const routes = readRoutes(rollout, this.#routes, caches);
    // The cache of routes enqueues everybody as soon as it knows.
    if (routes === undefined) return {};
    const workload = readWorkload(rollout, this.#workloads);
    // So does that of workloads.
    if (workload === 'unknown') return {};
    const config = await readConfig(rollout, workload, this.#configs, signal);
    // And that of ConfigMaps, or it has an error by then.
    if (config === 'unknown') return { requeueAfterMs: CONFIG_GRACE_MS };

    let made: Made;
    try {
      made = await this.#decide(key, rollout, { routes, workload, config }, signal);
    } catch (error) {
      logger.error({ rollout: key, err: error }, 'a decision threw');
      await this.#report.stalled(
        rollout,
        Reason.InternalError,
        `no decision could be made: ${messageOf(error)}`,
        signal,
      );
      throw error;
    }
    const outcome = await this.#effects.carryOut(rollout, made.decision.commands, routes, signal);
    switch (outcome.outcome) {
      case 'done':
        if (outcome.refused !== undefined) {
          this.#options.events.event(rollout, 'Warning', Reason.EvictionRefused, outcome.refused);
        }
        return this.#done(rollout, outcome.rollout, made, signal);
      case 'stale':
        logger.debug({ rollout: key, command: outcome.command }, 'something changed since it was read, looking again');
        return { requeueAfterMs: CACHE_LAG_MS };
      case 'nameTaken':
        return this.#nameTaken(rollout, outcome, signal);
      case 'failed':
        return this.#failed(rollout, outcome, signal);
    }
  }

  /** Ends the watches and the questions to registries. */
  close(): void {
    this.#unwatch();
    this.#routes.stop();
    this.#workloads.stop();
    this.#configs.stop();
    this.#models.stop();
    this.#writeBacks.stop();
  }

  async #decide(
    key: ObjectKey,
    rollout: Rollout,
    { routes, workload, config }: { routes: RoutesRead; workload: KubeObject | undefined; config: ConfigOfRollout },
    signal: AbortSignal,
  ): Promise<Made> {
    const { client, caches, clock, decide } = this.#options;
    const now = clock.now();
    const replicaSets = caches.replicaSets.byIndex('controller', rollout.metadata.uid ?? '');
    const pods = await readPods(client, rollout, replicaSets, now, signal);
    const snapshot = buildSnapshot(rollout, caches, {
      routes: routes.states,
      model: this.#models.stateOf(key, rollout),
      takenNames: [...(this.#takenNames.get(key) ?? [])],
      pods,
      workload,
      config: config.state,
      notesRevision: this.#options.marks !== undefined,
    });
    let decision = decide(snapshot, now);
    const create = decision.commands.find((command) => command.type === 'createReplicaSet');
    const refusal = create && this.#refusals.find(key, create.replicaSet, now);
    if (refusal !== undefined) decision = decide({ ...snapshot, templateError: refusal.message }, now);
    return { decision, againMs: earliest(refusal?.forMs, config.againMs) };
  }

  async #done(read: Rollout, current: Rollout, made: Made, signal: AbortSignal): Promise<ReconcileResult> {
    this.#failingSince.delete(keyOf(read));
    const told = await this.#report.decided(read, current, made.decision, signal);
    if (told === 'stale') return { requeueAfterMs: CACHE_LAG_MS };
    const requeueAfterMs = earliest(made.decision.requeueAfterMs, made.againMs, told.againMs);
    return requeueAfterMs === undefined ? {} : { requeueAfterMs };
  }

  async #failed(
    rollout: Rollout,
    { command, error }: Extract<Outcome, { outcome: 'failed' }>,
    signal: AbortSignal,
  ): Promise<ReconcileResult> {
    if (signal.aborted) throw error;
    const key = keyOf(rollout);
    const now = this.#options.clock.now();
    if (command.type === 'createReplicaSet' && isRefusal(error)) {
      this.#refusals.add(key, command.replicaSet, error, now);
      return { requeueAfterMs: AT_ONCE_MS };
    }
    if (command.type === 'createReplicaSet' && isUnanswered(error)) {
      // Another version must not be started beside pods that the cache does not show.
      const { caches } = this.#options;
      const made = `${rollout.metadata.namespace}/${command.replicaSet.metadata.name}`;
      this.#writes.unsure(key, caches.replicaSets, REPLICA_SET_RESOURCE, made);
    }
    const since = this.#failingSince.get(key) ?? now;
    this.#failingSince.set(key, since);
    const permanent = isKubeError(error) && !error.retryable;
    if (permanent || now - since >= STALLED_AFTER_MS) {
      const reason = permanent ? Reason.WriteRefused : Reason.WriteFailed;
      await this.#report.stalled(rollout, reason, messageOf(error), signal);
    }
    throw error;
  }

  async #nameTaken(
    rollout: Rollout,
    { command, by }: Extract<Outcome, { outcome: 'nameTaken' }>,
    signal: AbortSignal,
  ): Promise<ReconcileResult> {
    if (command.type === 'createReplicaSet') {
      const key = keyOf(rollout);
      this.#takenNames.set(key, new Set(this.#takenNames.get(key)).add(by.metadata.name));
      return { requeueAfterMs: AT_ONCE_MS };
    }
    const message = `${by.kind} ${keyOf(by)} exists and is not owned by this Rollout: delete or rename it`;
    await this.#report.stalled(rollout, Reason.NameTaken, message, signal);
    throw new SlipwayError('NameTaken', message);
  }

  #forget(key: ObjectKey): void {
    this.#writes.forget(key);
    this.#models.forget(key);
    this.#configs.forget(key);
    this.#writeBacks.forget(key);
    this.#refusals.forget(key);
    this.#report.forget(key);
    this.#takenNames.delete(key);
    this.#failingSince.delete(key);
    this.#uids.delete(key);
  }
}

/** It may have been done all the same. */
function isUnanswered(error: unknown): boolean {
  return !isKubeError(error) || error.status === 0 || error.status >= 500;
}

function earliest(...waits: (number | undefined)[]): number | undefined {
  const given = waits.filter((ms) => ms !== undefined);
  return given.length === 0 ? undefined : Math.min(...given);
}
