import type { Rollout } from '../api/generated/rollout.ts';
import { ROLLOUT_RESOURCE } from '../api/generated/rollout.ts';
import { ROLLOUT_FIELD_MANAGER } from '../api/names.ts';
import { Reason } from '../api/reasons.ts';
import { isKubeError } from '../kube/errors.ts';
import type { SharedInformers } from '../kube/informers.ts';
import {
  type Discovery,
  type EventRecorder,
  type Informer,
  type KubeClient,
  type KubeObject,
  keyOf,
  type ObjectKey,
  type ReconcileResult,
  type ResourceInfo,
  type Store,
} from '../kube/types.ts';
import type { Clock } from '../platform/clock.ts';
import { messageOf, SlipwayError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import type { Random } from '../platform/random.ts';
import type { RolloutDecision } from '../rollout/decision.ts';
import { execute, type Outcome, type Write } from '../rollout/execute.ts';
import type { RolloutSnapshot } from '../rollout/snapshot.ts';
import { storeFirst } from '../rollout/store-first.ts';
import { rolloutTargets } from '../rollout/targets.ts';
import { type HttpRoute, weightPatch } from '../traffic/gateway-api.ts';
import { HttpRouteCache } from './http-route-cache.ts';
import { ModelStates, type Registries } from './model-states.ts';
import { OwnWrites } from './own-writes.ts';
import type { RolloutCaches } from './rollout-caches.ts';
import { buildSnapshot, readRoutes } from './rollout-snapshot.ts';
import { withoutStalled, withStalled, withWriteBack, writeStatus } from './rollout-status.ts';
import { watchForRollouts } from './rollout-watches.ts';
import { releaseServices } from './service-cleanup.ts';
import { isRefusal, TemplateRefusals } from './template-refusals.ts';
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
  events: EventRecorder;
  clock: Clock;
  random: Random;
  logger: Logger;
  enqueue(key: ObjectKey): void;
}

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
  readonly #models: ModelStates;
  readonly #writeBacks: WriteBacks;
  readonly #refusals = new TemplateRefusals();
  /** Names that objects of others have, by Rollout. */
  readonly #takenNames = new Map<ObjectKey, Set<string>>();
  readonly #failingSince = new Map<ObjectKey, number>();
  /** Which object of that name the memory is about. */
  readonly #uids = new Map<ObjectKey, string | undefined>();
  readonly #unwatch: () => void;

  constructor(options: RolloutReconcilerOptions) {
    const { client, caches, registries, events, clock, random, logger, enqueue } = options;
    this.#options = options;
    this.#writes = new OwnWrites(client, clock);
    const routed = (): readonly Rollout[] => caches.rollouts.byIndex('router', 'HTTPRoute');
    this.#routes = new HttpRouteCache({
      ...options,
      onRoute: (route) => {
        for (const rollout of caches.rollouts.byIndex('httpRoute', route)) enqueue(keyOf(rollout));
      },
      onState: () => {
        for (const rollout of routed()) enqueue(keyOf(rollout));
      },
    });
    this.#models = new ModelStates({ registries, clock, random, logger, onAnswer: enqueue });
    this.#writeBacks = new WriteBacks({ registries, events, clock, random, onProgress: enqueue });
    this.#unwatch = watchForRollouts({
      caches,
      enqueue,
      onRouted: () => this.#routes.want(routed().length > 0),
      onRegistry: (rollouts) => {
        this.#models.registryChanged(rollouts);
        this.#writeBacks.retry(rollouts);
      },
    });
  }

  async reconcile(key: ObjectKey, signal: AbortSignal): Promise<ReconcileResult> {
    const { caches, clock, logger } = this.#options;
    const rollout = caches.rollouts.get(key);
    if (rollout?.metadata.uid !== this.#uids.get(key)) this.#forget(key);
    if (rollout === undefined) {
      return (await releaseServices(key, { ...this.#options, signal })) ? {} : { requeueAfterMs: CACHE_LAG_MS };
    }
    this.#uids.set(key, rollout.metadata.uid);
    if (!(await this.#writes.caughtUp(key))) return { requeueAfterMs: CACHE_LAG_MS };
    const routes = readRoutes(rollout, this.#routes);
    // The cache of routes enqueues everybody as soon as it knows.
    if (routes === undefined) return {};

    const now = clock.now();
    let made: { snapshot: RolloutSnapshot; decision: RolloutDecision; againMs: number | undefined };
    try {
      const snapshot = buildSnapshot(rollout, caches, {
        routes: routes.states,
        model: this.#models.stateOf(key, rollout),
        takenNames: [...(this.#takenNames.get(key) ?? [])],
      });
      made = { snapshot, ...this.#decide(key, snapshot, now) };
    } catch (error) {
      logger.error({ rollout: key, err: error }, 'a decision threw');
      await this.#stall(rollout, Reason.InternalError, `no decision could be made: ${messageOf(error)}`, signal);
      throw error;
    }
    const conclusion = storeFirst(made.snapshot, made.decision);
    if (conclusion !== undefined) {
      const decision = { ...made.decision, commands: [], status: conclusion, requeueAfterMs: AT_ONCE_MS };
      return this.#finish(key, rollout, rollout, decision, undefined, signal);
    }
    const outcome = await execute(rollout, made.decision.commands, {
      client: this.#options.client,
      setWeights: (name, weight) => this.#setWeights(rollout, routes.objects.get(name), weight, signal),
      onWrite: (write) => this.#remember(key, write),
      signal,
    });
    switch (outcome.outcome) {
      case 'done':
        return this.#finish(key, rollout, outcome.rollout, made.decision, made.againMs, signal);
      case 'stale':
        logger.debug({ rollout: key, command: outcome.command }, 'something changed since it was read, looking again');
        return { requeueAfterMs: CACHE_LAG_MS };
      case 'nameTaken':
        return this.#nameTaken(key, rollout, outcome.by, outcome.command.type === 'createReplicaSet', signal);
      case 'failed':
        return this.#failed(key, rollout, outcome, signal);
    }
  }

  /** Ends the watches and the questions to registries. */
  close(): void {
    this.#unwatch();
    this.#routes.stop();
    this.#models.stop();
    this.#writeBacks.stop();
  }

  /** The decision, and when to look again because of what only this process remembers. */
  #decide(
    key: ObjectKey,
    snapshot: RolloutSnapshot,
    now: number,
  ): { decision: RolloutDecision; againMs: number | undefined } {
    const { decide } = this.#options;
    const decision = decide(snapshot, now);
    const create = decision.commands.find((command) => command.type === 'createReplicaSet');
    const refusal = create && this.#refusals.find(key, create.replicaSet, now);
    if (refusal === undefined) return { decision, againMs: undefined };
    return { decision: decide({ ...snapshot, templateError: refusal.message }, now), againMs: refusal.forMs };
  }

  /** All commands are done: what the decision says about the Rollout becomes its status. */
  async #finish(
    key: ObjectKey,
    rollout: Rollout,
    current: Rollout,
    decision: RolloutDecision,
    againMs: number | undefined,
    signal: AbortSignal,
  ): Promise<ReconcileResult> {
    const { client, caches, clock, events } = this.#options;
    this.#failingSince.delete(key);
    const emit = (): void => {
      for (const { type, reason, message } of decision.events) events.event(rollout, type, reason, message);
    };
    let status = withoutStalled(decision.status);
    const writtenBack = this.#writeBacks.recorded(key, status.model?.writtenBack);
    if (writtenBack !== undefined) status = { ...status, model: { ...status.model, writtenBack } };
    const told = { error: this.#writeBacks.errorOf(key), busy: this.#writeBacks.isBusy(key) };
    status = withWriteBack(rollout, status, told, clock.now());

    const written = await this.#report(rollout, () => writeStatus(client, current, status, signal));
    if (written.result === 'stale') {
      // The next decision finds the commands done and would not speak of them again.
      if (decision.commands.length > 0) emit();
      return { requeueAfterMs: CACHE_LAG_MS };
    }
    const stored = written.result === 'written' ? written.rollout : current;
    if (written.result === 'written') this.#writes.wrote(key, caches.rollouts, ROLLOUT_RESOURCE, stored);
    emit();
    this.#writeBacks.stored(key);
    if (rollout.metadata.deletionTimestamp === undefined) this.#writeBacks.start(key, stored);
    const waits = [decision.requeueAfterMs, againMs].filter((ms) => ms !== undefined);
    return waits.length === 0 ? {} : { requeueAfterMs: Math.min(...waits) };
  }

  async #failed(
    key: ObjectKey,
    rollout: Rollout,
    { command, error }: Extract<Outcome, { outcome: 'failed' }>,
    signal: AbortSignal,
  ): Promise<ReconcileResult> {
    if (signal.aborted) throw error;
    const now = this.#options.clock.now();
    if (command.type === 'createReplicaSet' && isRefusal(error)) {
      this.#refusals.add(key, command.replicaSet, error, now);
      return { requeueAfterMs: AT_ONCE_MS };
    }
    const since = this.#failingSince.get(key) ?? now;
    this.#failingSince.set(key, since);
    const permanent = isKubeError(error) && !error.retryable;
    if (permanent || now - since >= STALLED_AFTER_MS) {
      const reason = permanent ? Reason.WriteRefused : Reason.WriteFailed;
      await this.#stall(rollout, reason, messageOf(error), signal);
    }
    throw error;
  }

  async #nameTaken(
    key: ObjectKey,
    rollout: Rollout,
    by: KubeObject,
    isReplicaSet: boolean,
    signal: AbortSignal,
  ): Promise<ReconcileResult> {
    if (isReplicaSet) {
      this.#takenNames.set(key, new Set(this.#takenNames.get(key)).add(by.metadata.name));
      return { requeueAfterMs: AT_ONCE_MS };
    }
    const message = `${by.kind} ${keyOf(by)} exists and is not owned by this Rollout: delete or rename it`;
    await this.#stall(rollout, Reason.NameTaken, message, signal);
    throw new SlipwayError('NameTaken', message);
  }

  /** Says in condition and Event why nothing moves; the status stays what it was otherwise. */
  async #stall(rollout: Rollout, reason: string, message: string, signal: AbortSignal): Promise<void> {
    const { client, caches, clock, events } = this.#options;
    events.event(rollout, 'Warning', reason, message);
    const status = withStalled(rollout, reason, message, clock.now());
    const written = await this.#report(rollout, () => writeStatus(client, rollout, status, signal));
    if (written.result === 'written') {
      this.#writes.wrote(keyOf(rollout), caches.rollouts, ROLLOUT_RESOURCE, written.rollout);
    }
  }

  /** A status that the API server refuses can only be told by an Event. */
  async #report<T>(rollout: Rollout, write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (error) {
      if (isRefusal(error)) this.#options.events.event(rollout, 'Warning', Reason.WriteRefused, messageOf(error));
      throw error;
    }
  }

  async #setWeights(
    rollout: Rollout,
    route: HttpRoute | undefined,
    canaryWeight: number,
    signal: AbortSignal,
  ): Promise<{ resource: ResourceInfo; object: KubeObject } | undefined> {
    const { canaryService = '', stableService = '' } = rolloutTargets(rollout);
    const resource = this.#routes.informer?.resource;
    if (route === undefined || resource === undefined) throw new TypeError('weights for a route that was not read');
    const patch = weightPatch(route, canaryService, stableService, canaryWeight);
    if (patch.length === 0) return undefined;
    const request = { fieldManager: ROLLOUT_FIELD_MANAGER, signal };
    const key = keyOf(route);
    const object = await this.#options.client.patch(resource, key, 'application/json-patch+json', patch, request);
    return { resource, object };
  }

  /** No decision for this Rollout before the caches show what was just written. */
  #remember(key: ObjectKey, write: Write): void {
    const store = this.#cacheOf(write.resource.kind);
    if (store === undefined) return;
    if (write.type === 'written') this.#writes.wrote(key, store, write.resource, write.object);
    else this.#writes.deleted(key, store, write.resource, write.key, write.uid);
  }

  #cacheOf(kind: string): Store | undefined {
    const { caches } = this.#options;
    const all: readonly Informer[] = [caches.rollouts, caches.replicaSets, caches.services, caches.analysisRuns];
    return [...all, this.#routes.informer].find((informer) => informer?.resource.kind === kind);
  }

  #forget(key: ObjectKey): void {
    this.#writes.forget(key);
    this.#models.forget(key);
    this.#writeBacks.forget(key);
    this.#refusals.forget(key);
    this.#takenNames.delete(key);
    this.#failingSince.delete(key);
    this.#uids.delete(key);
  }
}
