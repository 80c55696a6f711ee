import { APPLICATION_RESOURCE, type Application } from '../api/generated/application.ts';
import { ROLLOUT_RESOURCE } from '../api/generated/rollout.ts';
import { Reason } from '../api/reasons.ts';
import { specProblem } from '../api/stored-object.ts';
import type { GitSource } from '../git/port.ts';
import {
  type Discovery,
  type EventRecorder,
  type KubeClient,
  keyOf,
  type ObjectKey,
  type ReconcileResult,
  type ResourceInfo,
} from '../kube/types.ts';
import { canonicalJson } from '../manifest/canonical.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { Random } from '../platform/random.ts';
import { deletionIntent } from '../sync/deletion.ts';
import { textAt } from '../sync/health/read.ts';
import { askedLook } from '../sync/look.ts';
import { asRequested } from '../sync/requested.ts';
import { readCredentials } from '../sync/source/credentials.ts';
import { sourceRequest } from '../sync/source/request.ts';
import type { SourceState } from '../sync/source/state.ts';
import { SourceWatcher } from '../sync/source/watcher.ts';
import { slimming } from '../sync/watched-kind.ts';
import { CLAIMS_INDEX, claimsOf } from './application-claims.ts';
import { ApplicationDeletion } from './application-deletion.ts';
import { DEPENDENTS_INDEX, dependents, dependentsIndex, heldNow, notAfter } from './application-hold.ts';
import { takeOver } from './application-intake.ts';
import { ApplicationMemory } from './application-memory.ts';
import { applicationProblem } from './application-problem.ts';
import { rolloutTargetIds } from './application-rollout-targets.ts';
import { ApplicationSiblings } from './application-siblings.ts';
import { ApplicationSync } from './application-sync.ts';
import { ApplicationWatches, type InformerSource } from './application-watches.ts';
import { watchDefinitions } from './definition-looks.ts';

export interface ApplicationReconcilerDeps {
  client: KubeClient;
  discovery: Discovery;
  informers: InformerSource;
  /** Where Rollouts are seen, in our form, when that is not `informers`. */
  rolloutInformers?: InformerSource;
  git: GitSource;
  events: EventRecorder;
  clock: Clock;
  random: Random;
  logger: Logger;
  /** Milliseconds between two looks at a branch. */
  pollIntervalMs: number;
  /** Called when a folder of Git was parsed. */
  onRender?: () => void;
  /** Asks for a reconcile of an Application. */
  enqueue: (application: ObjectKey) => void;
  /** The same, in so many milliseconds. */
  enqueueAfter: (application: ObjectKey, ms: number) => void;
}

/**
 * How long news of objects wait for more, in milliseconds: one apply is followed by our own write coming back and by a
 * handful of reports of other controllers, and a pass for each would do the same again and again.
 */
const SETTLE_MS = 100;

export interface ApplicationReconciler {
  reconcile(application: ObjectKey, signal: AbortSignal): Promise<ReconcileResult>;
  /** A webhook spoke of this repository: looks at its branches now. Returns how many are followed. */
  look(repoURL: string): number;
  /** Resolves when what every reconcile needs can be read. */
  waitForSync(signal: AbortSignal): Promise<void>;
  /** Ends watches and polling. */
  close(): void;
}

const CRD_RESOURCE: ResourceInfo = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
  verbs: ['list', 'watch'],
  subresources: ['status'],
};

const DEFINITION_SLIMMING = slimming(CRD_RESOURCE);
const definitionOptions = DEFINITION_SLIMMING === undefined ? {} : { transform: DEFINITION_SLIMMING };

/** Whether an Application is deleted and nothing, or nothing more, of what it applied is to go with it. */
function isOver({ metadata: { deletionTimestamp, finalizers } }: Application): boolean {
  return deletionTimestamp !== undefined && deletionIntent(finalizers).type === 'none';
}

/** Nothing was asked for: neither by the spec nor by an annotation, nor by deleting it. */
function isOnlyStatus({ metadata: a }: Application, { metadata: b }: Application): boolean {
  return (
    a.uid === b.uid &&
    a.generation === b.generation &&
    a.deletionTimestamp === b.deletionTimestamp &&
    canonicalJson([a.annotations, a.finalizers]) === canonicalJson([b.annotations, b.finalizers])
  );
}

/** Keeps the cluster equal to Git, one Application at a time: wires events to keys and keys to {@link ApplicationSync}. */
export function createApplicationReconciler(deps: ApplicationReconcilerDeps): ApplicationReconciler {
  const { client, clock, discovery, informers, enqueue } = deps;
  const enqueueSoon = (key: ObjectKey): void => deps.enqueueAfter(key, SETTLE_MS);
  const memories = new Map<ObjectKey, ApplicationMemory>();
  const applications = informers.acquire<Application>(APPLICATION_RESOURCE, {
    indexers: { [CLAIMS_INDEX]: claimsOf, [DEPENDENTS_INDEX]: dependentsIndex },
  });
  const rollouts = (deps.rolloutInformers ?? informers).acquire(ROLLOUT_RESOURCE);
  const definitions = informers.acquire(CRD_RESOURCE, definitionOptions);
  const leases = [applications, rollouts, definitions];
  const watches = new ApplicationWatches(informers, deps.clock, enqueueSoon);
  const sources = new SourceWatcher({
    ...deps,
    credentials: (secret, signal) => readCredentials(client, secret, signal),
    onChange: (key) => {
      enqueue(key);
      wakeDependents(key, false);
    },
  });
  const siblings = new ApplicationSiblings(applications.informer, sources, (application) => memories.has(application));
  const sync = new ApplicationSync({
    ...deps,
    watches,
    siblings,
    applications: applications.informer,
    rollouts: rollouts.informer,
    definitions: definitions.informer,
    isCurrent: (key, revision) => sources.revisionOf(key) === revision && !isAskedAgain(key),
  });

  const deletion = new ApplicationDeletion({
    ...deps,
    watches,
    siblings,
    applications: applications.informer,
    definitions: definitions.informer,
  });

  const wakeDependents = (key: ObjectKey, far: boolean): void => {
    for (const dependent of dependents(applications.informer, key, far)) if (dependent !== key) enqueue(dependent);
  };

  /** Somebody asks for something else than what is under way. */
  const isAskedAgain = (key: ObjectKey): boolean => {
    const cached = applications.informer.get(key);
    return cached !== undefined && memories.get(key)?.newest(cached).operation !== undefined;
  };

  const removers = [
    applications.informer.onEvent((event) => {
      const key = keyOf(event.object);
      // Our own status coming back is no news, but a pass sees whether it was ours.
      if (event.type === 'updated' && isOnlyStatus(event.object, event.old)) enqueueSoon(key);
      else enqueue(key);
      wakeDependents(
        key,
        event.type !== 'updated' || event.old.metadata.generation !== event.object.metadata.generation,
      );
      // Who shares an object with this Application may get it now, or must say so.
      const states = event.type === 'updated' ? [event.object, event.old] : [event.object];
      for (const object of new Set(states.flatMap(claimsOf))) {
        for (const other of watches.interestedIn(object)) if (other !== key) enqueue(other);
      }
    }),
    rollouts.informer.onEvent((event) => {
      if (event.type === 'updated' && event.old.metadata.generation === event.object.metadata.generation) return;
      // What a Rollout owns of a Service or a route changes what counts as a difference.
      const states = event.type === 'updated' ? [event.object, event.old] : [event.object];
      for (const object of new Set(states.flatMap((rollout) => rolloutTargetIds(rollout)))) {
        for (const interested of watches.interestedIn(object)) enqueue(interested);
      }
    }),
    watchDefinitions(definitions.informer, clock, (definition, known) => {
      discovery.invalidate();
      for (const [key, memory] of memories) if (memory.missesKinds) enqueue(key);
      if (!known) return;
      // A version may be served no more.
      const [group, kind] = [textAt(definition, 'spec', 'group'), textAt(definition, 'spec', 'names', 'kind')];
      for (const key of watches.usersOf(group, kind)) enqueue(key);
    }),
  ];

  const forget = (key: ObjectKey): void => {
    memories.delete(key);
    deletion.forget(key);
    sources.forget(key);
    watches.forget(key);
  };

  const sourceOf = (key: ObjectKey, application: Application): SourceState => {
    const problem = applicationProblem(application);
    if (problem === undefined) return sources.ask(key, sourceRequest(application));
    sources.forget(key);
    return { state: 'failed', failure: { code: Reason.InvalidSpec, message: problem, retryable: false } };
  };

  return {
    async reconcile(key, signal) {
      const cached = applications.informer.get(key);
      if (cached === undefined || isOver(cached)) {
        forget(key);
        return {};
      }
      const memory = memories.get(key) ?? new ApplicationMemory();
      memories.set(key, memory);
      const known = memory.newest(cached);
      if (cached.metadata.deletionTimestamp !== undefined) {
        // Neither a bad spec nor a repository that does not answer may stand in the way.
        sources.forget(key);
        return await deletion.run({ key, application: known, memory, signal });
      }
      const current = specProblem(known) === undefined ? await takeOver(deps, known, signal) : known;
      if (current !== known) memory.wrote(current);
      const application = asRequested(current);
      // The look is asked for before its answer is taken: another source is looked at anyway.
      sourceOf(key, application);
      const word = askedLook(application);
      const asked = word !== undefined && sources.looked(key, word) ? word : undefined;
      const source = sourceOf(key, application);
      const { hold, changesAt } = heldNow(applications.informer, sources, application, clock.now());
      const result = await sync.run({ key, application, memory, source, asked, hold, signal });
      return notAfter(result, changesAt, clock.now());
    },
    look: (repoURL) => sources.look(repoURL),
    waitForSync: async (signal) => {
      await Promise.all(leases.map((lease) => lease.informer.waitForSync(signal)));
    },
    close() {
      for (const remove of removers) remove();
      sources.close();
      watches.close();
      for (const lease of leases) lease.release();
    },
  };
}
