import { Registry } from 'prom-client';
import type { Application } from '../../controller/api/generated/application.ts';
import type { Rollout } from '../../controller/api/generated/rollout.ts';
import { connectCluster } from '../../controller/kube/cluster.ts';
import { loadClusterIdentity } from '../../controller/kube/kubeconfig.ts';
import { type KubeClient, type KubeObject, keyOf, type ResourceInfo, type Store } from '../../controller/kube/types.ts';
import { systemClock } from '../../controller/platform/clock.ts';
import { silentLogger } from '../../controller/platform/logger.ts';
import { systemRandom } from '../../controller/platform/random.ts';
import { ClusterError } from '../cluster/errors.ts';
import { NAMESPACE } from './workload.ts';

function builtIn(group: string, version: string, kind: string, plural: string): ResourceInfo {
  return { group, version, kind, plural, namespaced: true, verbs: [], subresources: [] };
}

/** The kinds of the objects of an Application. */
export const KINDS: readonly ResourceInfo[] = [
  builtIn('', 'v1', 'ServiceAccount', 'serviceaccounts'),
  builtIn('', 'v1', 'Service', 'services'),
  builtIn('apps', 'v1', 'Deployment', 'deployments'),
  builtIn('networking.k8s.io', 'v1', 'Ingress', 'ingresses'),
];

/** Sees what the controller does as a user would, by watches, and does what users do. */
export class Observer {
  readonly client: KubeClient;
  readonly #stores = new Map<string, Store>();
  readonly #listeners = new Set<(kind: string, object: KubeObject) => void>();
  readonly #close: () => Promise<void>;

  private constructor(client: KubeClient, close: () => Promise<void>) {
    this.client = client;
    this.#close = close;
  }

  /** @param resources what is looked at */
  static async start(kubeconfigPath: string, resources: readonly ResourceInfo[]): Promise<Observer> {
    const cluster = connectCluster({
      identity: loadClusterIdentity({ path: kubeconfigPath }),
      clock: systemClock,
      random: systemRandom,
      logger: silentLogger,
      registry: new Registry(),
      userAgent: 'slipway-bench',
      rate: { perSecond: 5000, burst: 5000 },
    });
    const observer = new Observer(cluster.client, () => cluster.close());
    for (const resource of resources) {
      const { informer } = cluster.informers.acquire(resource, {
        namespace: NAMESPACE,
        transform: { name: 'bench', apply: slim },
      });
      await informer.waitForSync(AbortSignal.timeout(30_000));
      observer.#stores.set(resource.kind, informer);
      informer.onEvent(({ type, object }) => {
        if (type === 'deleted') return;
        for (const listener of [...observer.#listeners]) listener(resource.kind, object);
      });
    }
    return observer;
  }

  list(kind: string): readonly KubeObject[] {
    return this.#stores.get(kind)?.list() ?? [];
  }

  /** Calls `listener` for each object that was added or changed; returns what ends that. */
  onChange(listener: (kind: string, object: KubeObject) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Resolves when as many different objects of a kind as said are as wanted, with the time of the last one in milliseconds
   * of `performance.now()`.
   */
  untilCount(
    kind: string,
    count: number,
    wanted: (object: KubeObject) => boolean,
    timeoutMs: number,
    onCount?: (count: number) => void,
  ): Promise<number> {
    const done = new Set<string>();
    const look = (object: KubeObject): void => {
      if (wanted(object)) done.add(keyOf(object));
      else done.delete(keyOf(object));
    };
    for (const object of this.list(kind)) look(object);
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        remove();
        settle();
      };
      const remove = this.onChange((changed, object) => {
        if (changed !== kind) return;
        look(object);
        onCount?.(done.size);
        if (done.size >= count) finish(() => resolve(performance.now()));
      });
      const timer = setTimeout(() => {
        const missing = this.list(kind).find((object) => !wanted(object));
        const why = missing === undefined ? '' : `; ${keyOf(missing)}: ${JSON.stringify(missing['status'])}`;
        const text = `waited ${timeoutMs / 1000} s for ${count} ${kind}s, ${done.size} are as wanted${why}`;
        finish(() => reject(new ClusterError(text)));
      }, timeoutMs);
      if (done.size >= count) finish(() => resolve(performance.now()));
    });
  }

  close(): Promise<void> {
    return this.#close();
  }
}

/** In sync with a commit, or with any. */
export function isSynced(object: KubeObject, commit?: string): boolean {
  const { sync } = (object as Application).status ?? {};
  return sync?.status === 'Synced' && (commit === undefined || sync.revision === commit);
}

/** Only what is looked at: the observer shares the machine with what it observes. */
function slim(object: KubeObject): void {
  const { name, namespace, uid, resourceVersion, annotations } = object.metadata;
  const { sync, message } = (object as Application).status ?? {};
  const { phase, observedGeneration } = (object as Rollout).status ?? {};
  object.metadata = { name, ...definedOnly({ namespace, uid, resourceVersion, annotations }) };
  delete object['spec'];
  object['status'] = definedOnly({ sync, message, phase, observedGeneration });
}

function definedOnly<T extends object>(fields: T): { [K in keyof T]: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
