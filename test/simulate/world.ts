import type { AnalysisRun } from '../../controller/api/generated/analysisrun.ts';
import type { Experiment } from '../../controller/api/generated/experiment.ts';
import { POD_TEMPLATE_HASH_LABEL } from '../../controller/api/names.ts';
import type { MetadataPatch } from '../../controller/rollout/decision.ts';
import type { PodState, PodTemplate, ReplicaSet } from '../../controller/rollout/snapshot.ts';
import { type ModelCluster, merge, type Route } from './model-cluster.ts';

interface Pod {
  name: string;
  createdAt: number;
  ready: boolean;
  metadata: PodMetadata;
}

interface PodMetadata {
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

/**
 * The controllers that are not ours, and the world: pods come and become ready, routers accept, analysis ends. Each does
 * one small thing when it is asked to, so that a test decides the order.
 */
export class World {
  readonly cluster: ModelCluster;
  /** Most pods that the namespace may have, as a ResourceQuota of GPUs has it. */
  quota: () => number = () => Number.POSITIVE_INFINITY;
  readonly #pods = new Map<string, Pod[]>();
  /** The template of each ReplicaSet as its controller saw it last: it learns of a change only after its next pods. */
  readonly #templates = new Map<string, { generation: number; template: PodTemplate; wanted: number }>();
  #made = 0;
  /** Grows with every change of a pod. */
  version = 0;
  /** Hashes of versions whose pods never become ready. */
  readonly broken = new Set<string>();

  constructor(cluster: ModelCluster) {
    this.cluster = cluster;
    cluster.onEvict = (name) => this.#evict(name);
    cluster.onPatchPod = (name, metadata) => this.#patch(name, metadata);
  }

  pods(name: string): readonly Pod[] {
    return this.#pods.get(name) ?? [];
  }

  /** All pods as the API server lists them. */
  podStates(): PodState[] {
    return this.cluster.list<ReplicaSet>('replicaSet').flatMap(({ metadata: { name, uid = '' } }) =>
      this.pods(name).map((pod) => ({
        name: pod.name,
        uid: pod.name,
        ...pod.metadata,
        replicaSet: uid,
        createdAt: pod.createdAt,
        available: pod.ready,
        leaving: false,
      })),
    );
  }

  ready(name: string): number {
    return this.pods(name).filter((pod) => pod.ready).length;
  }

  /** The ReplicaSet controller: makes or removes pods at once, those that are not ready first; reports what is. */
  syncReplicaSet(name: string): boolean {
    const rs = this.cluster.get<ReplicaSet>('replicaSet', name);
    if (rs === undefined) return this.#pods.delete(name);
    const wanted = rs.spec.replicas ?? 1;
    const now = { generation: rs.metadata.generation ?? 1, template: rs.spec.template, wanted };
    const before = this.#templates.get(name);
    const seen = before?.wanted === wanted ? before : now;
    this.#templates.set(name, now);
    const { labels = {}, annotations = {} } = seen.template.metadata ?? {};
    const pods = [...this.pods(name)].sort((a, b) => Number(b.ready) - Number(a.ready)).slice(0, wanted);
    while (pods.length < wanted && this.#total(name) + pods.length < this.quota()) {
      this.#made += 1;
      pods.push({
        name: `pod-${this.#made}`,
        createdAt: Math.floor(this.cluster.now / 1000) * 1000,
        ready: false,
        metadata: { labels, annotations },
      });
    }
    this.#pods.set(name, pods);
    this.version += 1;
    const ready = pods.filter((pod) => pod.ready).length;
    const status = {
      replicas: pods.length,
      readyReplicas: ready,
      availableReplicas: ready,
      observedGeneration: seen.generation,
    };
    const old = rs.status ?? {};
    const same = old.replicas === status.replicas && old.availableReplicas === ready;
    if (same && old.observedGeneration === seen.generation) return seen !== now && seen.generation !== now.generation;
    this.cluster.put('replicaSet', { ...rs, status }, 'ReplicaSet controller');
    return true;
  }

  /** One pod that is not ready becomes so, unless its version is broken. */
  becomeReady(name: string): boolean {
    const rs = this.cluster.get<ReplicaSet>('replicaSet', name);
    const hash = rs?.metadata.labels?.[POD_TEMPLATE_HASH_LABEL] ?? '';
    const pod = this.pods(name).find((one) => !one.ready);
    if (pod === undefined || this.broken.has(hash)) return false;
    pod.ready = true;
    this.version += 1;
    return true;
  }

  /** One ready pod fails. */
  fail(name: string): boolean {
    const pod = this.pods(name).find((one) => one.ready);
    if (pod === undefined) return false;
    pod.ready = false;
    this.version += 1;
    return true;
  }

  /** The router takes over what is written, or refuses it. */
  answerRoute(accepted: 'yes' | 'refused'): boolean {
    const route = this.cluster.get<Route>('route', 'route');
    if (route === undefined || route.accepted === accepted) return false;
    const served = accepted === 'yes' ? route.canaryWeight : route.served;
    this.cluster.put('route', { ...route, served, accepted }, 'router');
    return true;
  }

  /** A run gets a verdict; one that was told to stop ends as good. */
  endRun(name: string, verdict: 'Successful' | 'Failed' | 'Error' | 'Inconclusive'): boolean {
    const run = this.cluster.get<AnalysisRun>('run', name);
    const phase = run?.status?.phase;
    if (run === undefined || (phase !== undefined && phase !== 'Pending' && phase !== 'Running')) return false;
    const end = run.spec.terminate === true ? 'Successful' : verdict;
    this.cluster.put(
      'run',
      {
        ...run,
        status: { phase: end, message: `error-rate ${end === 'Failed' ? '0.08' : '0.01'}` },
      },
      'analysis controller',
    );
    return true;
  }

  /** An Experiment gets a verdict; one that was told to stop ends as good. */
  endExperiment(name: string, verdict: 'Successful' | 'Failed' | 'Error' | 'Inconclusive'): boolean {
    const experiment = this.cluster.get<Experiment>('experiment', name);
    const phase = experiment?.status?.phase ?? 'Pending';
    if (experiment === undefined || (phase !== 'Pending' && phase !== 'Running')) return false;
    const end = experiment.spec.terminate === true ? 'Successful' : verdict;
    this.cluster.put('experiment', { ...experiment, status: { phase: end, message: `error-rate ${end}` } });
    return true;
  }

  /** Pods of the other versions. */
  #total(but: string): number {
    return [...this.#pods].reduce((sum, [name, pods]) => sum + (name === but ? 0 : pods.length), 0);
  }

  #evict(pod: string): void {
    this.version += 1;
    for (const [name, pods] of this.#pods) {
      this.#pods.set(
        name,
        pods.filter((one) => one.name !== pod),
      );
    }
  }

  #patch(pod: string, { labels = {}, annotations = {} }: MetadataPatch): void {
    this.version += 1;
    for (const one of [...this.#pods.values()].flat().filter(({ name }) => name === pod)) {
      const { metadata } = one;
      one.metadata = { labels: merge(metadata.labels, labels), annotations: merge(metadata.annotations, annotations) };
    }
  }

  /** Everything that can still happen by itself without a random part. */
  settle(): boolean {
    let changed = false;
    for (const { metadata } of this.cluster.list<ReplicaSet>('replicaSet')) {
      while (this.syncReplicaSet(metadata.name)) changed = true;
      while (this.becomeReady(metadata.name)) changed = true;
      while (this.syncReplicaSet(metadata.name)) changed = true;
    }
    return this.answerRoute('yes') || changed;
  }
}
