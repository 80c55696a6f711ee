import { Registry } from 'prom-client';
import type { AnalysisRun } from '../../controller/api/generated/analysisrun.ts';
import type { Application } from '../../controller/api/generated/application.ts';
import type { Rollout } from '../../controller/api/generated/rollout.ts';
import { GROUP, VERSION } from '../../controller/api/names.ts';
import { type Cluster, connectCluster } from '../../controller/kube/cluster.ts';
import { loadClusterIdentity } from '../../controller/kube/kubeconfig.ts';
import type { GroupVersionKind, Informer, KubeObject } from '../../controller/kube/types.ts';
import { systemClock } from '../../controller/platform/clock.ts';
import { silentLogger } from '../../controller/platform/logger.ts';
import { systemRandom } from '../../controller/platform/random.ts';

/** An HTTPRoute as far as the weights go. */
export interface Route extends KubeObject {
  spec: { rules?: { backendRefs?: { name: string; weight?: number }[] }[] };
}

/** One state of one object and when the API server told us of it, in milliseconds of `performance.now()`. */
export interface Sighting {
  readonly at: number;
  readonly kind: string;
  readonly name: string;
  readonly object: KubeObject;
  readonly deleted: boolean;
}

const slipway = (kind: string): GroupVersionKind => ({ group: GROUP, version: VERSION, kind });
const KINDS: readonly GroupVersionKind[] = [
  slipway('Application'),
  slipway('Rollout'),
  slipway('AnalysisRun'),
  { group: 'gateway.networking.k8s.io', version: 'v1', kind: 'HTTPRoute' },
  { group: 'apps', version: 'v1', kind: 'ReplicaSet' },
];

/** Watches the demo's objects, keeps every state that was seen, and waits for states. Never writes. */
export class Observer {
  /** Every state in the order in which it was seen. */
  readonly sightings: Sighting[] = [];
  readonly #cluster: Cluster;
  readonly #informers = new Map<string, Informer>();
  readonly #listeners = new Set<() => void>();

  private constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Starts to watch a namespace. The kinds must exist. */
  static async start(kubeconfigPath: string, namespace: string): Promise<Observer> {
    const cluster = connectCluster({
      identity: loadClusterIdentity({ path: kubeconfigPath }),
      clock: systemClock,
      random: systemRandom,
      logger: silentLogger,
      registry: new Registry(),
      userAgent: 'slipway-demo',
    });
    const observer = new Observer(cluster);
    for (const gvk of KINDS) {
      const resource = await cluster.discovery.resourceFor(gvk);
      if (resource === undefined) throw new Error(`the cluster does not have the kind ${gvk.kind} (${gvk.group})`);
      const { informer } = cluster.informers.acquire(resource, { namespace });
      observer.#informers.set(gvk.kind, informer);
      informer.onEvent(({ type, object }) => observer.#see(gvk.kind, object, type === 'deleted'));
      await informer.waitForSync(AbortSignal.timeout(30_000));
    }
    return observer;
  }

  rollout(name: string): Rollout | undefined {
    return this.#current<Rollout>('Rollout', name);
  }

  application(name: string): Application | undefined {
    return this.#current<Application>('Application', name);
  }

  route(name: string): Route | undefined {
    return this.#current<Route>('HTTPRoute', name);
  }

  /** All AnalysisRuns, oldest first. */
  analysisRuns(): AnalysisRun[] {
    const runs = (this.#informers.get('AnalysisRun')?.list() ?? []) as unknown as AnalysisRun[];
    const created = (run: AnalysisRun): string => run.metadata.creationTimestamp ?? '';
    return [...runs].sort((a, b) => created(a).localeCompare(created(b)));
  }

  /** States of one object seen since a moment, oldest first. */
  history<T extends KubeObject>(kind: string, name: string, since: number): { at: number; object: T }[] {
    return this.sightings
      .filter((sighting) => sighting.kind === kind && sighting.name === name && sighting.at >= since)
      .map(({ at, object }) => ({ at, object: object as T }));
  }

  /**
   * Resolves with the first value that `look` gives; it is asked now and after each change. Fails at the deadline with what
   * was awaited and what `seen` says of the state at that moment.
   */
  until<T>(what: string, timeoutMs: number, look: () => T | undefined, seen: () => string): Promise<T> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        this.#listeners.delete(check);
      };
      const check = (): void => {
        const value = look();
        if (value === undefined) return;
        stop();
        resolve(value);
      };
      const timer = setTimeout(() => {
        stop();
        reject(new Error(`waited ${Math.round(timeoutMs / 1000)} s for ${what}; seen at the end: ${seen()}`));
      }, timeoutMs);
      this.#listeners.add(check);
      check();
    });
  }

  /** Calls `listener` after each change; returns what ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  stop(): Promise<void> {
    return this.#cluster.close();
  }

  #current<T extends KubeObject>(kind: string, name: string): T | undefined {
    return this.#informers
      .get(kind)
      ?.list()
      .find((object) => object.metadata.name === name) as T | undefined;
  }

  #see(kind: string, object: KubeObject, deleted: boolean): void {
    this.sightings.push({ at: performance.now(), kind, name: object.metadata.name, object, deleted });
    for (const listener of [...this.#listeners]) listener();
  }
}
