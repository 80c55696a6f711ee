import type { Application, ApplicationStatus } from '../api/generated/application.ts';
import { Reason } from '../api/reasons.ts';
import type {
  Discovery,
  EventRecorder,
  KubeClient,
  KubeObject,
  ObjectKey,
  ReconcileResult,
  Store,
} from '../kube/types.ts';
import { describeId, parseObjectId } from '../manifest/identity.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import { announcement, unannouncedDrift } from '../sync/announcement.ts';
import { type DesiredObject, type DesiredSet, type Duplicate, desiredObjects } from '../sync/desired.ts';
import { userRules } from '../sync/health/user-rules.ts';
import type { Hold } from '../sync/hold.ts';
import { failedRequest } from '../sync/intake.ts';
import type { Kinds } from '../sync/kinds.ts';
import { handled } from '../sync/look.ts';
import { applicationOptions } from '../sync/object-options.ts';
import type { PassOutcome } from '../sync/operation.ts';
import { doubtsAbout, healing, isUnderWay, planSync, type SyncPlan, verdictOf } from '../sync/plan.ts';
import { consentTo } from '../sync/prune.ts';
import { asRequested, requestedSync, unmatched } from '../sync/requested.ts';
import { inScope } from '../sync/scope.ts';
import { isSettling, SETTLING_MS } from '../sync/settling.ts';
import type { SyncSnapshot } from '../sync/snapshot.ts';
import type { SourceContent, SourceFailure, SourceState } from '../sync/source/state.ts';
import { statusAfterPass, statusAfterSourceFailure, statusAtStart } from '../sync/status.ts';
import { entryId, entryKey, healthOf } from '../sync/status-resources.ts';
import { claims, otherClaimants } from './application-claims.ts';
import { cancelHooks } from './application-hooks.ts';
import { resolveKinds, servedAs, watchableResources } from './application-kinds.ts';
import type { ApplicationMemory } from './application-memory.ts';
import { ensureNamespace } from './application-namespace.ts';
import { executePlan } from './application-pass.ts';
import { requeueDelay } from './application-requeue.ts';
import type { ApplicationSiblings } from './application-siblings.ts';
import { takeSnapshot, typeOf } from './application-snapshot.ts';
import { writeStatus } from './application-status.ts';
import { executeSteps, type StepsDeps } from './application-steps.ts';
import type { ApplicationWatches } from './application-watches.ts';

export interface ApplicationSyncDeps {
  client: KubeClient;
  discovery: Discovery;
  events: EventRecorder;
  clock: Clock;
  random: Random;
  watches: ApplicationWatches;
  siblings: ApplicationSiblings;
  applications: Store<Application>;
  rollouts: Store;
  /** CustomResourceDefinitions. */
  definitions: Store;
  /** Whether this is still the newest revision that was fetched for an Application. */
  isCurrent: (application: ObjectKey, revision: string) => boolean;
}

/** How soon a namespace that could not be made is tried again. */
const NAMESPACE_RETRY_MS = 15_000;

/** How soon it is looked at again whether all that follow the branch have been read. */
const SIBLING_RETRY_MS = 2_000;
/** The same right after a commit, when they are about to be, and how long that lasts. */
const SIBLING_GRACE = { everyMs: 100, forMs: 3_000 };

/** One Application at one moment. */
export interface SyncRun {
  key: ObjectKey;
  application: Application;
  memory: ApplicationMemory;
  source: SourceState;
  /** Somebody asked, by this word, to look at Git, which was done, and to look at every object, which this pass does. */
  asked: string | undefined;
  /** What must happen before a sync starts by itself. */
  hold: Hold | undefined;
  signal: AbortSignal;
}

/** How a pass begins. */
interface Beginning {
  /** The Application as the API server has it. */
  stored: Application;
  /** The same with the status that the pass begins with. */
  application: Application;
  /** The status up to which Events were recorded. */
  told: ApplicationStatus | undefined;
  /** Nobody was told that it begins. */
  quiet: boolean;
}

/** One pass: snapshot, plan, effects, status. It never waits for the cluster to do something; it comes back. */
export class ApplicationSync {
  readonly #o: ApplicationSyncDeps;

  constructor(deps: ApplicationSyncDeps) {
    this.#o = deps;
  }

  async run(run: SyncRun): Promise<ReconcileResult> {
    if (run.asked !== undefined) run.memory.doubt();
    switch (run.source.state) {
      case 'pending':
        return {};
      case 'failed':
        return await this.#reportFailure(run, run.source.failure);
      case 'ready':
        return await this.#sync(run, run.source.content);
    }
  }

  async #sync(given: SyncRun, content: SourceContent): Promise<ReconcileResult> {
    const { clock } = this.#o;
    const held = given.memory.held(given.application);
    const run = held ? { ...given, application: { ...given.application, status: held.status } } : given;
    const manifests = content.loaded.objects.map(({ object }) => object);
    const kinds = await this.#kinds(run, manifests);
    const set = this.#desired(run, content, kinds);
    const { objects: desired, duplicates, problems } = set;
    const [duplicate] = duplicates;
    if (duplicate !== undefined) return await this.#reportFailure(run, duplicateFailure(duplicate));
    const [problem] = problems;
    if (problem !== undefined) {
      return await this.#reportFailure(run, { code: 'ManifestInvalid', message: problem, retryable: false });
    }
    const { skipped } = content.loaded;
    run.memory.locate(desired, content.loaded);
    const patience = this.#follow(run, kinds, set);
    if (patience > 0) return { requeueAfterMs: patience };

    const snap = (application: Application): SyncSnapshot => ({
      ...takeSnapshot(this.#o, {
        application,
        key: run.key,
        revision: content.revision,
        desired: set,
        skipped,
        kinds,
        memory: run.memory,
        now: clock.now(),
      }),
      hold: run.hold,
    });
    let before = snap(run.application);
    const requested = requestedSync(run.application);
    const lost = unmatched(requested, [
      ...before.objects.map(({ desired: { id } }) => id),
      ...before.leftovers.map(({ id }) => id),
    ]);
    if (lost !== undefined) return await this.#reportRequest(run, { code: '', message: lost, retryable: false });
    const noNamespace = isUnderWay(before) ? await ensureNamespace(this.#o.client, before, run.signal) : undefined;
    const deps = this.#passDeps(run, content.revision, kinds, snap);
    const doubts = doubtsAbout(before, clock.now());
    if (doubts.length > 0) {
      await executePlan(deps, { mode: 'compare', apply: [], compare: doubts, retry: false });
      before = snap(run.application);
    }
    const plan =
      noNamespace === undefined ? planSync(before, clock.now()) : { ...planSync(before, clock.now()), apply: [] };
    if (plan.mode !== 'compare' && this.#awaitsSiblings(run, before)) return { requeueAfterMs: SIBLING_GRACE.everyMs };
    if (plan.mode === 'start') await cancelHooks(deps, run.application.status?.operationState);
    const { stored, application, told: toldNow, quiet } = await this.#record(run, before, plan);
    const told = held === undefined || !quiet ? toldNow : held.told;
    const { after, ...done } = await executeSteps(deps, { ...before, application }, plan);
    const outcome = { mode: plan.mode, retry: plan.retry, ...done, ...whatIs(after, noNamespace) };
    const status = statusAfterPass(
      {
        snapshot: after,
        outcome,
        ...(requested?.scope && { own: { ...outcome, ...whatIs(inScope(after), noNamespace) } }),
        claimants: this.#claimants(run.key, desired),
        targetRevision: application.spec.source.targetRevision,
        skipped: skipped.map(({ file, line, reason }) => `${file}:${line} (${reason})`),
      },
      clock.now(),
    );
    // What somebody asked for, and how far hooks and waves are, is told at once.
    const asked = requested !== undefined || run.asked !== undefined;
    const mayWait = plan.mode !== 'compare' && quiet && !asked && done.walk === undefined;
    const until = (plan.mode === 'continue' && held?.until) || clock.monotonic() + SETTLING_MS;
    if (mayWait && isSettling(status) && clock.monotonic() < until) {
      run.memory.hold(stored, { status: application.status ?? {}, told, until });
      return { requeueAfterMs: until - clock.monotonic() };
    }
    const written = await this.#write(run, stored, handled(status, run.asked), { status: told });
    if (noNamespace !== undefined) return { requeueAfterMs: NAMESPACE_RETRY_MS };
    if (done.prune.type === 'unsure') return { requeueAfterMs: SIBLING_RETRY_MS };
    return requeueDelay({ ...after, application: written }, clock.now());
  }

  /**
   * Right after a commit the paths of all Applications that follow the branch are read within a moment: better to wait for
   * that than to begin with what this one has lost, which another may have.
   */
  #awaitsSiblings({ memory }: SyncRun, { application, leftovers, revision }: SyncSnapshot): boolean {
    if (leftovers.length === 0 || application.spec.syncPolicy?.automated?.prune !== true) return false;
    const { clock, siblings } = this.#o;
    const waited = clock.monotonic() - memory.since(`siblings ${revision}`, clock.monotonic());
    return waited < SIBLING_GRACE.forMs && siblings.unread(application, revision) !== undefined;
  }

  async #kinds(run: SyncRun, manifests: readonly KubeObject[]): Promise<Kinds> {
    const entries = (run.application.status?.resources ?? []).map(typeOf);
    const kinds = await resolveKinds(this.#o, manifests, entries, run.signal);
    run.memory.missesKinds = [...kinds.values()].some(({ state }) => state !== 'served');
    return kinds;
  }

  #desired({ key, application, memory }: SyncRun, { loaded }: SourceContent, kinds: Kinds): DesiredSet {
    const namespace = application.spec.destination?.namespace;
    const scopes = [...kinds].map(([kind, state]) => [
      kind,
      state.state,
      'resource' in state && state.resource.namespaced,
    ]);
    const { options } = applicationOptions(application);
    const signature = JSON.stringify([namespace, scopes, options]);
    const objects = loaded.objects;
    return memory.desired(loaded, signature, () => desiredObjects(objects, kinds, key, namespace, options));
  }

  /** Watches what the Application uses. Returns how long to wait for caches, in milliseconds. */
  #follow(
    { key, application, memory }: SyncRun,
    kinds: Kinds,
    { objects, hooks }: Pick<DesiredSet, 'objects' | 'hooks'>,
  ): number {
    const { watches } = this.#o;
    const wanted = new Set(objects.map((object) => object.key));
    const operation = application.status?.operationState;
    const hookKeys = [...hooks.map((hook) => hook.key), ...(operation?.hooks ?? []).map(entryKey)];
    const inventory = new Set((application.status?.resources ?? []).map(entryKey));
    memory.retain(wanted, inventory);
    watches.follow(key, watchableResources(kinds), new Set([...wanted, ...inventory, ...hookKeys]));
    return watches.patience(key);
  }

  /**
   * Before the first object of a revision is written, the status says that it will be, and lists it: a crash in the middle
   * leaves nothing behind that no inventory knows of. What is listed already and written in a moment needs no such word.
   */
  async #record(run: SyncRun, snapshot: SyncSnapshot, plan: SyncPlan): Promise<Beginning> {
    const before = run.application;
    if (plan.mode === 'compare') return { stored: before, application: before, told: before.status, quiet: true };
    const drift = healing(snapshot, this.#o.clock.now()).type === 'now' ? unannouncedDrift(snapshot) : undefined;
    if (drift !== undefined) this.#o.events.event(before, 'Normal', Reason.OutOfSync, drift);
    const status = statusAtStart(snapshot, plan.mode, this.#o.clock.now());
    // Hooks are known by the start of the sync, so that must be written down before one is made.
    const staged = plan.mode === 'start' && status.operationState?.syncPhase !== undefined;
    switch (staged ? 'loud' : announcement(snapshot, plan)) {
      case 'none':
        return { stored: before, application: { ...before, status }, told: before.status, quiet: true };
      case 'silent': {
        const stored = await this.#write(run, before, status, undefined);
        return { stored, application: stored, told: before.status, quiet: true };
      }
      case 'loud': {
        const stored = await this.#write(run, before, status, { status: before.status });
        return { stored, application: stored, told: stored.status, quiet: false };
      }
    }
  }

  /** What was asked for cannot be done, now or at all. How the Application stands otherwise is none of its business. */
  async #reportRequest(run: SyncRun, { message, retryable }: SourceFailure): Promise<ReconcileResult> {
    const { status } = run.application;
    const operationState = status?.operationState && { ...status.operationState, message };
    const waiting = { ...status, ...(operationState && { operationState }) };
    const next = retryable ? waiting : failedRequest(run.application, message, this.#o.clock.now());
    await this.#write(run, run.application, next, { status });
    return {};
  }

  /** What runs is left alone and keeps being reported; only its health is looked at. */
  async #reportFailure(run: SyncRun, failure: SourceFailure): Promise<ReconcileResult> {
    if (requestedSync(run.application) !== undefined) return await this.#reportRequest(run, failure);
    const { watches, clock } = this.#o;
    const kinds = await this.#kinds(run, []);
    const patience = this.#follow(run, kinds, { objects: [], hooks: [] });
    if (patience > 0) return { requeueAfterMs: patience };
    const rules = userRules(run.application);
    const resources = (run.application.status?.resources ?? []).map((entry) => {
      const resource = servedAs(kinds, typeOf(entry));
      const health = resource === undefined ? undefined : healthOf(watches.cached(resource, entryId(entry)), rules);
      return health === undefined ? entry : { ...entry, health };
    });
    const status = statusAfterSourceFailure(run.application, failure, resources, run.hold, clock.now());
    await this.#write(run, run.application, handled(status, run.asked), { status: run.application.status });
    return {};
  }

  async #write(
    run: SyncRun,
    application: Application,
    status: ApplicationStatus,
    told: { status?: ApplicationStatus | undefined } | undefined,
  ): Promise<Application> {
    const { client, events } = this.#o;
    const written = await writeStatus(client, events, application, status, told, run.signal);
    run.memory.wrote(written);
    return asRequested(written);
  }

  #passDeps(
    { key, application, memory, signal }: SyncRun,
    revision: string,
    kinds: Kinds,
    snap: (application: Application) => SyncSnapshot,
  ): StepsDeps {
    const { applications, events, isCurrent, watches } = this.#o;
    return {
      ...this.#o,
      application: key,
      memory,
      signal,
      contested: (object) => watches.interestedIn(object).size > 1,
      recreating: (id, why) => {
        const message = `${describeId(id)} is deleted and made anew: ${why}`;
        events.event(application, 'Warning', Reason.ObjectRecreated, message);
      },
      wants: (owner, object) => claims(applications, owner, object) && !this.#letsGo(owner, object),
      isCurrent: () => isCurrent(key, revision),
      kinds,
      snap,
      find: (record) => {
        const resource = servedAs(kinds, typeOf(record));
        const cached = resource && watches.cached(resource, entryId(record));
        return resource && cached?.state === 'present' ? { resource, object: cached.object } : undefined;
      },
      departed: (record) => watches.departed(entryKey(record)),
    };
  }

  #claimants(self: ObjectKey, desired: readonly DesiredObject[]): ReadonlyMap<string, readonly ObjectKey[]> {
    const { applications } = this.#o;
    const stillWants = (key: string): ObjectKey[] =>
      otherClaimants(applications, self, key).filter((other) => !this.#letsGo(other, key));
    return new Map(desired.map(({ key }) => [key, stillWants(key)]));
  }

  /** A status tells what an Application wanted in its last pass; its Git path may be known to want less by now. */
  #letsGo(application: ObjectKey, object: string): boolean {
    const id = parseObjectId(object);
    return id !== undefined && this.#o.siblings.letsGo(application, id);
  }
}

/** How everything stands after a pass. */
function whatIs(
  snapshot: SyncSnapshot,
  noNamespace: PassOutcome['objects'][number] | undefined,
): Pick<PassOutcome, 'revision' | 'objects' | 'pruneFailures' | 'unconfirmed'> {
  return {
    revision: snapshot.revision,
    objects: [
      ...snapshot.objects.map((object) => ({ id: object.desired.id, verdict: verdictOf(object) })),
      ...(noNamespace === undefined ? [] : [noNamespace]),
    ],
    pruneFailures: snapshot.leftovers.flatMap(({ id, failure }) =>
      failure === undefined ? [] : [`${describeId(id)} (${failure.message})`],
    ),
    unconfirmed: snapshot.leftovers.flatMap((leftover) => {
      const consent = consentTo(leftover, snapshot.application);
      return consent.type === 'awaited' ? [`${describeId(leftover.id)}: ${consent.message}`] : [];
    }),
  };
}

function duplicateFailure({ id, where }: Duplicate): SourceFailure {
  const message = `${describeId(id)} stands in ${where[0]} and in ${where[1]}: remove one of them`;
  return { code: 'ManifestDuplicate', message, retryable: false };
}
