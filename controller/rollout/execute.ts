import { ANALYSIS_RUN_RESOURCE } from '../api/generated/analysisrun.ts';
import { EXPERIMENT_RESOURCE } from '../api/generated/experiment.ts';
import { ROLLOUT_RESOURCE, type Rollout } from '../api/generated/rollout.ts';
import { MANAGED_BY_ANNOTATION, POD_TEMPLATE_HASH_LABEL, ROLLOUT_FIELD_MANAGER } from '../api/names.ts';
import { isAlreadyExists, isConflict, isDisruptionRefusal, isNotFound } from '../kube/errors.ts';
import type { KubeClient, KubeObject, ObjectKey, ResourceInfo } from '../kube/types.ts';
import { messageOf } from '../platform/errors.ts';
import type { AdditionalBackend, AnyCommand } from './decision.ts';
import { DEPLOYMENT_RESOURCE, POD_RESOURCE, REPLICA_SET_RESOURCE, SERVICE_RESOURCE } from './resources.ts';
import type { ManagedRoute } from './snapshot.ts';

/** What one command did to the cluster, so that no later decision is made on a cache that does not show it yet. */
export type Write =
  | { type: 'written'; resource: ResourceInfo; object: KubeObject }
  | { type: 'deleted'; resource: ResourceInfo; key: ObjectKey; uid: string };

/** How a list of commands for a Rollout or an Experiment ended. Commands after the one that is named were not started. */
export type Outcome<T extends KubeObject = Rollout> =
  /** All done; `rollout` is the object as it is now, which annotateRollout may have changed. */
  | {
      outcome: 'done';
      rollout: T;
      /** A pod was not let go: by what. No other was asked for after it. */
      refused?: string;
    }
  /** Something is no longer what the decision saw: read again and decide again. */
  | { outcome: 'stale'; command: AnyCommand }
  /** The name for a new object is taken by an object that is not ours. */
  | { outcome: 'nameTaken'; command: AnyCommand; by: KubeObject }
  | { outcome: 'failed'; command: AnyCommand; error: unknown };

/** What else the objects of a Rollout or an Experiment bear, by the custom of the API group that is served. */
export interface Marks {
  /** Annotations of a ReplicaSet that is made for a Rollout. */
  newReplicaSet(rollout: Rollout): Record<string, string>;
  /** Annotations of a ReplicaSet of a Rollout whose number of pods is set. */
  scaledReplicaSet(rollout: Rollout): Record<string, string>;
  /** Labels of an AnalysisRun, by what asks for it. */
  analysisRun(owner: KubeObject): Record<string, string>;
}

export interface ExecuteOptions {
  client: KubeClient;
  marks?: Partial<Marks> | undefined;
  /** Writes the split to the router, with what Experiments get, and returns the route as it is now; undefined when nothing had to be written. */
  setWeights(
    route: string,
    canaryWeight: number,
    additional: readonly AdditionalBackend[],
    managed: readonly ManagedRoute[] | undefined,
  ): Promise<{ resource: ResourceInfo; object: KubeObject } | undefined>;
  onWrite(write: Write): void;
  /** Aborted when this process must not write any more, for example because it lost its Lease. */
  signal?: AbortSignal;
}

/**
 * Executes the commands of one decision in their order. Each is one request with the precondition under which it was
 * decided, and each may be repeated: a process that dies between two of them is followed by a decision that finds the
 * first done. The first that does not succeed stops the rest, since a later one may rely on it.
 */
export async function execute<T extends KubeObject>(
  rollout: T,
  commands: readonly AnyCommand[],
  options: ExecuteOptions,
): Promise<Outcome<T>> {
  let current = rollout;
  let refused: string | undefined;
  for (const command of commands) {
    if (options.signal?.aborted) return { outcome: 'failed', command, error: options.signal.reason };
    if (refused !== undefined && command.type === 'evictPod') continue;
    try {
      const write = await run(current, command, options);
      if (write === undefined) continue;
      options.onWrite(write);
      if (command.type === 'annotateRollout' && write.type === 'written') current = write.object as T;
    } catch (error) {
      if (isDisruptionRefusal(error)) {
        refused = messageOf(error);
        continue;
      }
      if (error instanceof NameTaken) return { outcome: 'nameTaken', command, by: error.by };
      const gone = isNotFound(error) && CHANGES_WHAT_EXISTS.has(command.type);
      return isConflict(error) || gone ? { outcome: 'stale', command } : { outcome: 'failed', command, error };
    }
  }
  return { outcome: 'done', rollout: current, ...(refused === undefined ? {} : { refused }) };
}

/** For these a 404 means that the object went away after it was read; for a create it is a real failure. */
const CHANGES_WHAT_EXISTS: ReadonlySet<AnyCommand['type']> = new Set([
  'updateReplicaSet',
  'scaleDeployment',
  'setServiceSelector',
  'setWeights',
  'annotateRollout',
]);

class NameTaken extends Error {
  readonly by: KubeObject;
  constructor(by: KubeObject) {
    super('the name is taken');
    this.by = by;
  }
}

async function run(rollout: KubeObject, command: AnyCommand, options: ExecuteOptions): Promise<Write | undefined> {
  const { client, marks } = options;
  const key = (name: string): ObjectKey => `${rollout.metadata.namespace}/${name}`;
  const request = {
    fieldManager: ROLLOUT_FIELD_MANAGER,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
  const merge = async (resource: ResourceInfo, name: string, body: object): Promise<Write> => {
    const object = await client.patch(resource, key(name), 'application/merge-patch+json', body, request);
    return { type: 'written', resource, object };
  };
  const create = async (resource: ResourceInfo, object: KubeObject): Promise<Write> => {
    try {
      return { type: 'written', resource, object: await client.create(resource, object, request) };
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const existing = await client.get(resource, key(object.metadata.name));
      if (!isControlledBy(existing, rollout)) throw new NameTaken(existing);
      return { type: 'written', resource, object: existing };
    }
  };
  const remove = async (resource: ResourceInfo, name: string, uid: string): Promise<Write> => {
    try {
      await client.delete(resource, key(name), { propagationPolicy: 'Background', uid, ...request });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    return { type: 'deleted', resource, key: key(name), uid };
  };

  const terminate = async (resource: ResourceInfo, name: string): Promise<Write | undefined> => {
    try {
      return await merge(resource, name, { spec: { terminate: true } });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  };

  const evict = async (name: string, uid: string): Promise<Write> => {
    const { namespace = '' } = rollout.metadata;
    const deleteOptions = { preconditions: { uid } };
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace }, deleteOptions };
    try {
      await client.create(POD_RESOURCE, eviction, { subresource: 'eviction', ...request });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    return { type: 'deleted', resource: POD_RESOURCE, key: key(name), uid };
  };

  switch (command.type) {
    case 'createReplicaSet':
      return create(
        REPLICA_SET_RESOURCE,
        marked(command.replicaSet, { annotations: marks?.newReplicaSet?.(rollout as Rollout) }),
      );
    case 'updateReplicaSet': {
      // What is undefined does not get into the JSON.
      const { resourceVersion, replicas, minReadySeconds, template } = command;
      const scaled = replicas === undefined ? undefined : marks?.scaledReplicaSet?.(rollout as Rollout);
      const annotations = scaled === undefined ? command.annotations : { ...scaled, ...command.annotations };
      return merge(REPLICA_SET_RESOURCE, command.name, {
        metadata: { resourceVersion, annotations },
        spec: { replicas, minReadySeconds, template },
      });
    }
    case 'deleteReplicaSet':
      return remove(REPLICA_SET_RESOURCE, command.name, command.uid);
    case 'scaleDeployment': {
      const { resourceVersion, replicas } = command;
      return merge(DEPLOYMENT_RESOURCE, command.name, { metadata: { resourceVersion }, spec: { replicas } });
    }
    case 'evictPod':
      return evict(command.name, command.uid);
    case 'patchPod':
      try {
        const { uid, metadata } = command;
        return await merge(POD_RESOURCE, command.name, { metadata: { uid, ...metadata } });
      } catch (error) {
        if (isNotFound(error) || isConflict(error)) return undefined;
        throw error;
      }
    case 'setServiceSelector':
      return merge(
        SERVICE_RESOURCE,
        command.service,
        selectorPatch(command.resourceVersion, command.hash, rollout.metadata.name),
      );
    case 'setWeights': {
      const written = await options.setWeights(
        command.route,
        command.canaryWeight,
        command.additional ?? [],
        command.managed,
      );
      return written === undefined ? undefined : { type: 'written', ...written };
    }
    case 'createService':
      return create(SERVICE_RESOURCE, command.service);
    case 'deleteService':
      return remove(SERVICE_RESOURCE, command.name, command.uid);
    case 'createAnalysisRun':
      return create(ANALYSIS_RUN_RESOURCE, marked(command.run, { labels: marks?.analysisRun?.(rollout) }));
    case 'terminateAnalysisRun':
      return terminate(ANALYSIS_RUN_RESOURCE, command.name);
    case 'deleteAnalysisRun':
      return remove(ANALYSIS_RUN_RESOURCE, command.name, command.uid);
    case 'createExperiment':
      return create(EXPERIMENT_RESOURCE, command.experiment);
    case 'terminateExperiment':
      return terminate(EXPERIMENT_RESOURCE, command.name);
    case 'deleteExperiment':
      return remove(EXPERIMENT_RESOURCE, command.name, command.uid);
    case 'annotateRollout':
      return merge(ROLLOUT_RESOURCE, rollout.metadata.name, {
        metadata: { resourceVersion: rollout.metadata.resourceVersion, annotations: command.annotations },
      });
  }
}

/** The object with more labels or annotations; what it has already stays. */
function marked(
  object: KubeObject,
  more: { labels?: Record<string, string> | undefined; annotations?: Record<string, string> | undefined },
): KubeObject {
  const { metadata } = object;
  const labels = more.labels && { labels: { ...more.labels, ...metadata.labels } };
  const annotations = more.annotations && { annotations: { ...more.annotations, ...metadata.annotations } };
  return { ...object, metadata: { ...metadata, ...labels, ...annotations } };
}

/**
 * The merge patch that sets (or with null removes) the hash in a Service's selector, and the annotation that says whose
 * it is. No other key of the selector is touched, and a Service that changed since it was read answers 409.
 */
export function selectorPatch(resourceVersion: string, hash: string | null, rollout: string): object {
  return {
    metadata: { resourceVersion, annotations: { [MANAGED_BY_ANNOTATION]: hash === null ? null : rollout } },
    spec: { selector: { [POD_TEMPLATE_HASH_LABEL]: hash } },
  };
}

/** True for an object whose controller is this very Rollout or Experiment, not one of the same name that existed before. */
export function isControlledBy(object: KubeObject, rollout: KubeObject): boolean {
  return (object.metadata.ownerReferences ?? []).some(
    (owner) => owner.controller === true && owner.uid === rollout.metadata.uid,
  );
}
