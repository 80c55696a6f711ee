import type { AnalysisRun } from '../../controller/api/generated/analysisrun.ts';
import type { Experiment } from '../../controller/api/generated/experiment.ts';
import type { Rollout, RolloutSpec, RolloutStatus } from '../../controller/api/generated/rollout.ts';
import { MANAGED_BY_ANNOTATION, POD_TEMPLATE_HASH_LABEL } from '../../controller/api/names.ts';
import type { ObjectMeta } from '../../controller/kube/types.ts';
import type { Command, MetadataPatch, TemplatePatch } from '../../controller/rollout/decision.ts';
import type { ManagedRoute, PodTemplate, ReplicaSet, Service } from '../../controller/rollout/snapshot.ts';

/** The split of one route: what was written, and what the data plane does with the requests. */
export interface Route {
  metadata: ObjectMeta;
  canaryWeight: number;
  /** What Services of Experiments have. */
  additional?: readonly { service: string; weight: number }[];
  managed?: readonly ManagedRoute[];
  /** The last weight that the router took over. */
  served: number;
  accepted: 'yes' | 'pending' | 'refused';
}

export type Stored = Rollout | ReplicaSet | Service | AnalysisRun | Experiment | Route;
export type Kind = 'rollout' | 'replicaSet' | 'service' | 'route' | 'run' | 'experiment';

/** Who writes: a person, Git or an autoscaler, or one of the controllers. */
export type Writer = 'person' | 'Rollout controller' | 'ReplicaSet controller' | 'router' | 'analysis controller';

/** One change that a watch will report; `object` is undefined when it was deleted. */
export interface Change {
  kind: Kind;
  name: string;
  object: Stored | undefined;
}

/** The controller that is tested. */
const OURS: Writer = 'Rollout controller';

export type Applied = { result: 'ok' | 'stale' | 'taken'; resourceVersion?: number };

/**
 * The API server and what it holds, without any controller. Objects are never changed in place, so that a cache may
 * keep old ones; every write gets a new resourceVersion and a change for the watches.
 */
export class ModelCluster {
  readonly objects: Record<Kind, Map<string, Stored>> = {
    rollout: new Map(),
    replicaSet: new Map(),
    service: new Map(),
    route: new Map(),
    run: new Map(),
    experiment: new Map(),
  };
  /** Milliseconds since the epoch. */
  now = Date.UTC(2026, 0, 1);
  onChange: (change: Change) => void = () => {};
  /** Sees every write. */
  onPut: (kind: Kind, before: Stored | undefined, after: Stored, writer: Writer) => void = () => {};
  /** A test that has a Deployment keeps it itself. */
  onScaleDeployment: (replicas: number) => void = () => {};
  /** Pods are the world's business. */
  onEvict: (name: string) => void = () => {};
  onPatchPod: (name: string, metadata: MetadataPatch) => void = () => {};
  #version = 0;

  constructor(spec: RolloutSpec) {
    const metadata = { name: 'fraud', namespace: 'ml', uid: 'rollout', generation: 1 };
    this.put('rollout', { apiVersion: 'slipway.dev/v1alpha1', kind: 'Rollout', metadata, spec });
    for (const name of ['canary', 'stable', 'active', 'preview']) {
      this.put('service', {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name },
        spec: { selector: { app: 'fraud' } },
      });
    }
    this.put('route', { metadata: { name: 'route' }, canaryWeight: 0, served: 0, accepted: 'yes' });
  }

  get rollout(): Rollout {
    return this.objects.rollout.get('fraud') as Rollout;
  }

  list<T extends Stored>(kind: Kind): T[] {
    return [...this.objects[kind].values()] as T[];
  }

  get<T extends Stored>(kind: Kind, name: string): T | undefined {
    return this.objects[kind].get(name) as T | undefined;
  }

  put(kind: Kind, object: Stored, writer: Writer = 'person'): void {
    this.#version += 1;
    const creationTimestamp = object.metadata.creationTimestamp ?? new Date(this.now).toISOString();
    const uid = object.metadata.uid ?? `uid-${this.#version}`;
    const metadata = { ...object.metadata, uid, creationTimestamp, resourceVersion: String(this.#version) };
    const stored = { ...object, metadata } as Stored;
    this.onPut(kind, this.objects[kind].get(metadata.name), stored, writer);
    this.objects[kind].set(metadata.name, stored);
    this.onChange({ kind, name: metadata.name, object: stored });
  }

  remove(kind: Kind, name: string): void {
    if (this.objects[kind].delete(name)) this.onChange({ kind, name, object: undefined });
  }

  /** Changes spec as a user or Git does. */
  changeSpec(change: (spec: RolloutSpec) => RolloutSpec): void {
    const { rollout } = this;
    const metadata = { ...rollout.metadata, generation: (rollout.metadata.generation ?? 0) + 1 };
    this.put('rollout', { ...rollout, metadata, spec: change(rollout.spec) });
  }

  /** A merge patch of the status, as the plugin sends it: null removes. */
  patchStatus(patch: Record<string, unknown>): void {
    const merged = Object.entries({ ...this.rollout.status, ...patch }).filter(([, value]) => value !== null);
    this.put('rollout', { ...this.rollout, status: Object.fromEntries(merged) as RolloutStatus });
  }

  /** Replaces the status if the Rollout is still the one that was read. */
  writeStatus(status: RolloutStatus, resourceVersion: string | undefined): boolean {
    if (this.rollout.metadata.resourceVersion !== resourceVersion) return false;
    this.put('rollout', { ...this.rollout, status }, OURS);
    return true;
  }

  /**
   * Executes one command with the preconditions that the real executor has.
   *
   * @param seen resourceVersions that the decision was made on, for what a command does not carry itself
   */
  apply(command: Command, seen: { rollout: string | undefined; route: string | undefined }): Applied['result'] {
    switch (command.type) {
      case 'createReplicaSet':
        if (this.get('replicaSet', command.replicaSet.metadata.name) === undefined) {
          const { metadata } = command.replicaSet;
          this.put('replicaSet', { ...command.replicaSet, metadata: { ...metadata, generation: 1 } }, OURS);
        }
        return 'ok';
      case 'updateReplicaSet': {
        const old = this.get<ReplicaSet>('replicaSet', command.name);
        if (old?.metadata.resourceVersion !== command.resourceVersion) return 'stale';
        const spec = { ...old.spec };
        if (command.replicas !== undefined) spec.replicas = command.replicas;
        if (command.minReadySeconds !== undefined) spec.minReadySeconds = command.minReadySeconds;
        if (command.template !== undefined) spec.template = patchTemplate(spec.template, command.template);
        const annotations = merge(old.metadata.annotations, command.annotations ?? {});
        const generation = (old.metadata.generation ?? 1) + 1;
        this.put('replicaSet', { ...old, metadata: { ...old.metadata, annotations, generation }, spec }, OURS);
        return 'ok';
      }
      case 'deleteReplicaSet':
        if (this.get('replicaSet', command.name)?.metadata.uid === command.uid) this.remove('replicaSet', command.name);
        return 'ok';
      case 'scaleDeployment':
        this.onScaleDeployment(command.replicas);
        return 'ok';
      case 'evictPod':
        this.onEvict(command.name);
        return 'ok';
      case 'patchPod':
        this.onPatchPod(command.name, command.metadata);
        return 'ok';
      case 'setServiceSelector': {
        const old = this.get<Service>('service', command.service);
        if (old?.metadata.resourceVersion !== command.resourceVersion) return 'stale';
        const selector = merge(old.spec.selector, { [POD_TEMPLATE_HASH_LABEL]: command.hash });
        const annotations = merge(old.metadata.annotations, {
          [MANAGED_BY_ANNOTATION]: command.hash === null ? null : 'fraud',
        });
        this.put(
          'service',
          { ...old, metadata: { ...old.metadata, annotations }, spec: { ...old.spec, selector } },
          OURS,
        );
        return 'ok';
      }
      case 'setWeights': {
        const old = this.get<Route>('route', command.route);
        if (old?.metadata.resourceVersion !== seen.route) return 'stale';
        if (old !== undefined)
          this.put(
            'route',
            {
              ...old,
              canaryWeight: command.canaryWeight,
              additional: (command.additional ?? []).map(({ service, weight }) => ({ service, weight })),
              managed: command.managed ?? old.managed ?? [],
              accepted: 'pending',
            },
            OURS,
          );
        return 'ok';
      }
      case 'createAnalysisRun':
        if (this.get('run', command.run.metadata.name) === undefined) this.put('run', command.run, OURS);
        return 'ok';
      case 'terminateAnalysisRun': {
        const old = this.get<AnalysisRun>('run', command.name);
        if (old !== undefined) this.put('run', { ...old, spec: { ...old.spec, terminate: true } }, OURS);
        return 'ok';
      }
      case 'deleteAnalysisRun':
        if (this.get('run', command.name)?.metadata.uid === command.uid) this.remove('run', command.name);
        return 'ok';
      case 'createExperiment':
        if (this.get('experiment', command.experiment.metadata.name) === undefined) {
          this.put('experiment', command.experiment, OURS);
        }
        return 'ok';
      case 'terminateExperiment': {
        const old = this.get<Experiment>('experiment', command.name);
        if (old !== undefined) this.put('experiment', { ...old, spec: { ...old.spec, terminate: true } }, OURS);
        return 'ok';
      }
      case 'deleteExperiment':
        if (this.get('experiment', command.name)?.metadata.uid === command.uid) this.remove('experiment', command.name);
        return 'ok';
      case 'annotateRollout': {
        if (this.rollout.metadata.resourceVersion !== seen.rollout) return 'stale';
        const annotations = merge(this.rollout.metadata.annotations, command.annotations);
        this.put('rollout', { ...this.rollout, metadata: { ...this.rollout.metadata, annotations } }, OURS);
        return 'ok';
      }
    }
  }
}

/** As the API server merges it: maps key by key, lists as a whole. */
function patchTemplate(old: PodTemplate, { metadata = {}, spec }: TemplatePatch): PodTemplate {
  const next: PodTemplate = { ...old, metadata: { ...old.metadata } };
  for (const kind of ['labels', 'annotations'] as const) {
    const change = metadata[kind];
    if (change !== undefined) next.metadata = { ...next.metadata, [kind]: merge(old.metadata?.[kind], change) };
  }
  return spec === undefined ? next : { ...next, spec: { ...old.spec, ...spec } };
}

/** A map after a merge patch. */
export function merge(
  old: Readonly<Record<string, string>> | undefined,
  patch: Readonly<Record<string, string | null>>,
): Record<string, string> {
  const merged = Object.entries({ ...old, ...patch }).filter(([, value]) => value !== null);
  return Object.fromEntries(merged) as Record<string, string>;
}
