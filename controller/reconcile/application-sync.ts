import type { Application, ApplicationStatus } from '../api/generated/application.ts';
import { Reason } from '../api/reasons.ts';
import type { Discovery, EventRecorder, KubeClient, ObjectKey, ReconcileResult, Store } from '../kube/types.ts';
import { describeId } from '../manifest/identity.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import { announcement, unannouncedDrift } from '../sync/announcement.ts';
import { contentFailure } from '../sync/content-failure.ts';
import type { Kinds } from '../sync/kinds.ts';
import { handled } from '../sync/look.ts';
import { standingOf } from '../sync/pass-standing.ts';
import { doubtsAbout, healing, isUnderWay, planSync, type SyncPlan } from '../sync/plan.ts';
import { requestedSync, unmatched } from '../sync/requested.ts';
import { inScope } from '../sync/scope.ts';
import { isSettling, SETTLING_MS } from '../sync/settling.ts';
import type { SyncSnapshot } from '../sync/snapshot.ts';
import type { SourceContent } from '../sync/source/state.ts';
import { statusAfterPass, statusAtStart } from '../sync/status.ts';
import { entryId, entryKey } from '../sync/status-resources.ts';
import { cancelHooks } from './application-hooks.ts';
import { servedAs } from './application-kinds.ts';
import { ensureNamespace } from './application-namespace.ts';
import { desiredSet, followObjects, kindsFor } from './application-objects.ts';
import { executePlan } from './application-pass.ts';
import { reportFailure, reportRequest } from './application-reports.ts';
import { requeueDelay } from './application-requeue.ts';
import { awaitsSiblings, claimantsOf, SIBLING_GRACE, stillClaims } from './application-rivals.ts';
import { type SyncRun, writeRun } from './application-run.ts';
import type { ApplicationSiblings } from './application-siblings.ts';
import { takeSnapshot, typeOf } from './application-snapshot.ts';
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
        return await reportFailure(this.#o, run, run.source.failure);
      case 'ready':
        return await this.#sync(run, run.source.content);
    }
  }

  async #sync(given: SyncRun, content: SourceContent): Promise<ReconcileResult> {
    const { clock } = this.#o;
    const held = given.memory.held(given.application);
    const run = held ? { ...given, application: { ...given.application, status: held.status } } : given;
    const manifests = content.loaded.objects.map(({ object }) => object);
    const kinds = await kindsFor(this.#o, run, manifests);
    const set = desiredSet(run, content, kinds);
    const failure = contentFailure(set);
    if (failure !== undefined) return await reportFailure(this.#o, run, failure);
    const { skipped } = content.loaded;
    run.memory.locate(set.objects, content.loaded);
    const patience = followObjects(this.#o.watches, run, kinds, set);
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
    if (lost !== undefined) return await reportRequest(this.#o, run, { message: lost, retryable: false });
    const noNamespace = isUnderWay(before) ? await ensureNamespace(this.#o.client, before, run.signal) : undefined;
    const deps = this.#passDeps(run, content.revision, kinds, snap);
    const doubts = doubtsAbout(before, clock.now());
    if (doubts.length > 0) {
      await executePlan(deps, { mode: 'compare', apply: [], compare: doubts, retry: false });
      before = snap(run.application);
    }
    const plan =
      noNamespace === undefined ? planSync(before, clock.now()) : { ...planSync(before, clock.now()), apply: [] };
    if (plan.mode !== 'compare' && awaitsSiblings(this.#o, run.memory, before)) {
      return { requeueAfterMs: SIBLING_GRACE.everyMs };
    }
    if (plan.mode === 'start') await cancelHooks(deps, run.application.status?.operationState);
    const { stored, application, told: toldNow, quiet } = await this.#record(run, before, plan);
    const told = held === undefined || !quiet ? toldNow : held.told;
    const { after, ...done } = await executeSteps(deps, { ...before, application }, plan);
    const outcome = { mode: plan.mode, retry: plan.retry, ...done, ...standingOf(after, noNamespace) };
    const status = statusAfterPass(
      {
        snapshot: after,
        outcome,
        ...(requested?.scope && { own: { ...outcome, ...standingOf(inScope(after), noNamespace) } }),
        claimants: claimantsOf(this.#o, run.key, set.objects),
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
      return { requeueAfterMs: until - clock.monotonic(), first: true };
    }
    const written = await writeRun(this.#o, run, stored, handled(status, run.asked), { status: told });
    if (noNamespace !== undefined) return { requeueAfterMs: NAMESPACE_RETRY_MS };
    if (done.prune.type === 'unsure') return { requeueAfterMs: SIBLING_RETRY_MS };
    return requeueDelay({ ...after, application: written }, clock.now());
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
        const stored = await writeRun(this.#o, run, before, status, undefined);
        return { stored, application: stored, told: before.status, quiet: true };
      }
      case 'loud': {
        const stored = await writeRun(this.#o, run, before, status, { status: before.status });
        return { stored, application: stored, told: stored.status, quiet: false };
      }
    }
  }

  #passDeps(
    { key, application, memory, signal }: SyncRun,
    revision: string,
    kinds: Kinds,
    snap: (application: Application) => SyncSnapshot,
  ): StepsDeps {
    const { events, isCurrent, watches } = this.#o;
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
      wants: (owner, object) => stillClaims(this.#o, owner, object),
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
}
