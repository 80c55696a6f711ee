import {
  APPLICATION_RESOURCE,
  type Application,
  type ApplicationStatus,
  type ApplicationStatusResource,
} from '../api/generated/application.ts';
import { Reason } from '../api/reasons.ts';
import { isNotFound } from '../kube/errors.ts';
import type { Discovery, EventRecorder, KubeClient, ObjectKey, ReconcileResult, Store } from '../kube/types.ts';
import { describeId, formatObjectId } from '../manifest/identity.ts';
import type { Clock } from '../platform/clock.ts';
import { mapLimited } from '../platform/concurrent.ts';
import type { Random } from '../platform/random.ts';
import {
  type AskedObject,
  approvalOf,
  cacheMark,
  type DeletionDecision,
  type DeletionPolicy,
  type DeletionSnapshot,
  type DeletionTarget,
  decideDeletion,
} from '../sync/deletion.ts';
import { takenAlongBy } from '../sync/deletion-container.ts';
import { type DeletionEntry, deletionEntries } from '../sync/deletion-entries.ts';
import { DELETING_CONDITION, statusWhileDeleting } from '../sync/deletion-status.ts';
import { listed } from '../sync/describe.ts';
import { retryDelay } from '../sync/failure.ts';
import { type Kinds, kindKey } from '../sync/kinds.ts';
import type { Cached } from '../sync/live.ts';
import { type Removal, removeObject } from '../sync/remove-object.ts';
import { entryId, entryKey } from '../sync/status-resources.ts';
import { claims, otherClaimants } from './application-claims.ts';
import { containersOf } from './application-containers.ts';
import { resolveKinds, servedAs, watchableResources } from './application-kinds.ts';
import type { ApplicationMemory } from './application-memory.ts';
import type { ApplicationSiblings } from './application-siblings.ts';
import { typeOf } from './application-snapshot.ts';
import { writeStatus } from './application-status.ts';
import type { ApplicationWatches } from './application-watches.ts';

/** Requests of one Application at the same time. */
const CONCURRENCY = 8;

export interface ApplicationDeletionDeps {
  client: KubeClient;
  discovery: Discovery;
  events: EventRecorder;
  clock: Clock;
  random: Random;
  watches: ApplicationWatches;
  siblings: ApplicationSiblings;
  applications: Store<Application>;
  /** CustomResourceDefinitions. */
  definitions: Store;
}

/** One Application that is deleted, at one moment. */
export interface DeletionRun {
  key: ObjectKey;
  application: Application;
  memory: ApplicationMemory;
  signal: AbortSignal;
}

/** What was found out about an object of an Application in its deletion; losing it costs requests and nothing else. */
type Known = Partial<Pick<DeletionTarget, 'asked' | 'failure' | 'settled'>>;

interface Progress {
  /** Another Application of the same name has another history. */
  uid: string | undefined;
  known: Map<string, Known>;
  /** What the Application goes with, once that was asked: one that is deleted later is not the cause. */
  cause?: { container: string | undefined };
}

/**
 * Deletes what an Application applied, before the Application itself goes, as its finalizer asks. One pass does what can be
 * done now and never waits for an object to go; it is told, or comes back.
 */
export class ApplicationDeletion {
  readonly #o: ApplicationDeletionDeps;
  readonly #progress = new Map<ObjectKey, Progress>();

  constructor(deps: ApplicationDeletionDeps) {
    this.#o = deps;
  }

  forget(key: ObjectKey): void {
    this.#progress.delete(key);
  }

  async run(run: DeletionRun): Promise<ReconcileResult> {
    const { client, watches, clock } = this.#o;
    const entries = deletionEntries(run.application.status, run.memory.hooks);
    const objects = entries.map(({ entry }) => entry);
    const kinds = await resolveKinds(this.#o, [], objects.map(typeOf), run.signal);
    run.memory.missesKinds = [...kinds.values()].some(({ state }) => state !== 'served');
    watches.follow(run.key, watchableResources(kinds), new Set(objects.map(entryKey)));
    const progress = this.#progressOf(run);
    progress.cause ??= {
      container: takenAlongBy(run.application, await containersOf(client, run.application, run.signal)),
    };
    const { known, cause } = progress;
    const decide = (): DeletionDecision =>
      decideDeletion({ ...this.#snapshot(run.application, entries, kinds, known), ...cause }, clock.now());

    let decision = decide();
    let { application } = run;
    if (decision.type === 'act' && !isUnderWay(application))
      application = await this.#write(run, application, decision);
    while (decision.type === 'act') {
      await this.#act(run, kinds, known, decision.policy, decision.targets);
      decision = decide();
    }
    switch (decision.type) {
      case 'none':
        return {};
      case 'unknown':
        await this.#write(run, application, decision);
        return {};
      case 'wait':
        await this.#write(run, application, decision);
        return { requeueAfterMs: Math.max(100, decision.retryAt - clock.now()) };
      case 'finish':
        await this.#finish(run, application, decision);
        return {};
    }
  }

  #progressOf({ key, application }: DeletionRun): Progress {
    const { uid } = application.metadata;
    let progress = this.#progress.get(key);
    if (progress === undefined || progress.uid !== uid) {
      progress = { uid, known: new Map() };
      this.#progress.set(key, progress);
    }
    return progress;
  }

  #snapshot(
    application: Application,
    entries: readonly DeletionEntry[],
    kinds: Kinds,
    known: ReadonlyMap<string, Known>,
  ): DeletionSnapshot {
    const targets = entries.map(({ entry, hook }): DeletionTarget => {
      const id = entryId(entry);
      const key = formatObjectId(id);
      const resource = servedAs(kinds, typeOf(entry));
      const { asked, failure, settled = false } = known.get(key) ?? {};
      const cached = resource === undefined ? ({ state: 'unknown' } as const) : this.#o.watches.cached(resource, id);
      return { id, key, entry, hook, kindTrouble: troubleWith(kinds, entry), cached, asked, settled, failure };
    });
    return { application, targets };
  }

  async #act(
    run: DeletionRun,
    kinds: Kinds,
    known: Map<string, Known>,
    policy: DeletionPolicy,
    targets: readonly DeletionTarget[],
  ): Promise<void> {
    const { applications, clock, random, events } = this.#o;
    const deps = {
      ...this.#o,
      application: run.key,
      wants: (owner: ObjectKey, object: string) => claims(applications, owner, object),
      signal: run.signal,
    };
    const released: string[] = [];
    const askedNow = ({ object, awaits }: Removal & { state: 'there' }, cached: Cached): AskedObject => ({
      at: clock.now(),
      object,
      mark: cacheMark(cached),
      ...(awaits !== undefined && { awaits: { message: awaits, approval: approvalOf(run.application) } }),
    });
    const learn = ({ cached, failure, id }: DeletionTarget, removal: Removal): Known => {
      switch (removal.state) {
        case 'released':
          released.push(`${describeId(id)}${removal.why === undefined ? '' : ` (${removal.why})`}`);
          return { settled: true };
        case 'gone':
          return { settled: true };
        case 'there':
          return { asked: askedNow(removal, cached) };
        case 'failed': {
          const failures = (failure?.failures ?? 0) + 1;
          const retryAt = clock.now() + retryDelay({ permanent: false }, failures, random);
          return { failure: { message: removal.message, failures, retryAt } };
        }
      }
    };
    await mapLimited(targets, CONCURRENCY, async (target) => {
      const resource = servedAs(kinds, typeOf(target.entry));
      if (resource === undefined) throw new Error(`${target.key} is of a kind that is not served`);
      const claimed =
        otherClaimants(applications, run.key, target.key).length > 0 ||
        this.#o.siblings.wantedBy(run.key, target.id) !== undefined;
      known.set(
        target.key,
        learn(target, await removeObject(deps, target, resource, { application: run.application, policy, claimed })),
      );
    });
    if (released.length > 0) {
      events.event(run.application, 'Normal', Reason.Released, `left in place: ${listed(released.sort())}`);
    }
  }

  /** Lets the Application go. With the version that was read: whoever changed it meanwhile may have meant something by it. */
  async #finish(
    run: DeletionRun,
    application: Application,
    { policy, finalizers, container }: DeletionDecision & { type: 'finish' },
  ): Promise<void> {
    const { client, events } = this.#o;
    const { uid, resourceVersion } = application.metadata;
    const body = { metadata: { uid, resourceVersion, finalizers } };
    try {
      const { signal } = run;
      const patched = await client.patch(APPLICATION_RESOURCE, run.key, 'application/merge-patch+json', body, {
        signal,
      });
      run.memory.wrote(patched as Application);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    if (container !== undefined) {
      const why = `left in place: all objects, since ${container} is deleted and not the Application itself`;
      events.event(application, 'Warning', Reason.Released, why);
      return;
    }
    const done =
      policy === 'orphan' ? 'its objects stay, and are tracked no longer' : `its objects are gone (${policy})`;
    events.event(application, 'Normal', Reason.Deleted, done);
  }

  async #write(
    run: DeletionRun,
    application: Application,
    decision: DeletionDecision & { type: 'unknown' | 'act' | 'wait' },
  ): Promise<Application> {
    const { client, events, clock } = this.#o;
    const status: ApplicationStatus = statusWhileDeleting(application, decision, clock.now());
    const written = await writeStatus(client, events, application, status, application, run.signal);
    run.memory.wrote(written);
    return written;
  }
}

function isUnderWay({ status }: Application): boolean {
  return status?.conditions?.some(({ type }) => type === DELETING_CONDITION) === true;
}

/** Why it cannot be told how an object is served: what is not known is not taken for gone. */
function troubleWith(kinds: Kinds, entry: ApplicationStatusResource): DeletionTarget['kindTrouble'] {
  if (servedAs(kinds, typeOf(entry)) !== undefined) return undefined;
  const state = kinds.get(kindKey({ group: entry.group ?? '', version: entry.version, kind: entry.kind }));
  switch (state?.state) {
    case 'absent':
      return 'gone';
    case 'awaited':
      return { message: `its kind is not served yet, though CustomResourceDefinition ${state.definition} defines it` };
    case 'unclear':
      return { message: `the cluster cannot tell how its kind is served: ${state.message}` };
    default:
      return { message: 'the cluster cannot tell how its kind is served' };
  }
}
