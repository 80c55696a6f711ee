import { randomBytes } from 'node:crypto';
import { Registry } from 'prom-client';
import { ArgoMetrics } from '../../controller/compatibility/metrics/argo-metrics.ts';
import { rolloutSide } from '../../controller/compatibility/rollout-side.ts';
import { type Cluster, connectCluster } from '../../controller/kube/cluster.ts';
import { runController } from '../../controller/kube/controller.ts';
import { ApiEventRecorder } from '../../controller/kube/events.ts';
import type { SharedInformers } from '../../controller/kube/informers.ts';
import { loadClusterIdentity } from '../../controller/kube/kubeconfig.ts';
import {
  gvkOf,
  type KubeClient,
  type KubeObject,
  type ReconcileResult,
  type ResourceInfo,
} from '../../controller/kube/types.ts';
import { WorkQueue } from '../../controller/kube/work-queue.ts';
import { systemClock } from '../../controller/platform/clock.ts';
import { type Logger, silentLogger } from '../../controller/platform/logger.ts';
import { systemRandom } from '../../controller/platform/random.ts';
import { ExperimentReconciler } from '../../controller/reconcile/experiment.ts';
import type { Registries } from '../../controller/reconcile/model-states.ts';
import { RolloutReconciler } from '../../controller/reconcile/rollout.ts';
import { openRolloutCaches } from '../../controller/reconcile/rollout-caches.ts';
import { RegistryError } from '../../controller/registry/errors.ts';
import { decideRollout } from '../../controller/rollout/decide.ts';
import { decideExperiment } from '../../controller/rollout/experiment/decide.ts';
import type { HttpRoute } from '../../controller/traffic/gateway-api.ts';
import { type FakeRouter, fakeRouter } from './fake-router.ts';

const NAMESPACES: ResourceInfo = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  subresources: ['status'],
};

/** How long a test waits for something to be seen before it says what it saw instead, in milliseconds. */
const PATIENCE_MS = 40_000;

/** A namespace of its own on the real API server, and the person who works in it. */
export interface World {
  namespace: string;
  /** As the person, with a connection of their own. */
  client: KubeClient;
  cluster: Cluster;
  /** Watches one kind in the namespace. */
  informers: Pick<SharedInformers, 'acquire'>;
  create<T extends KubeObject>(object: T): Promise<T>;
  /** Merge patch; `status` goes to the subresource. */
  patch(
    object: { kind: string; apiVersion: string; name: string },
    body: object,
    subresource?: 'status',
  ): Promise<KubeObject>;
  remove(object: { kind: string; apiVersion: string; name: string }): Promise<void>;
  /** Resolves with the object as soon as it is as wanted. */
  see<T extends KubeObject>(
    object: { kind: string; apiVersion: string; name: string },
    wanted: (object: T) => boolean,
    what: string,
  ): Promise<T>;
  /** Resolves as soon as there is such an Event in the namespace. */
  seeEvent(type: 'Normal' | 'Warning', reason: string, text: string): Promise<void>;
  /** All objects of a kind in the namespace, now. */
  list<T extends KubeObject>(kind: { kind: string; apiVersion: string }): Promise<T[]>;
  /** Starts what plays the controller of the Gateways; the cluster must have the kind. */
  startRouter(): Promise<FakeRouter>;
  /** Starts a controller for this namespace. */
  startController(options?: ControllerOptions): Promise<RunningController>;
  close(): Promise<void>;
}

export interface ControllerOptions {
  /** Serves the group of Argo Rollouts, for this instance. */
  compatibility?: { instanceId?: string };
  /** Stands between the controller and the API server. */
  wrap?: (client: KubeClient) => KubeClient;
  registries?: Registries;
  logger?: Logger;
}

export interface RunningController {
  /** What it says to Prometheus in compatibility mode. */
  metrics(): Promise<string>;
  /** Ends it as SIGTERM does; resolves when nothing of it runs any more. */
  stop(): Promise<void>;
}

export async function openWorld(kubeconfig: string): Promise<World> {
  const identity = loadClusterIdentity({ path: kubeconfig });
  const connect = (userAgent: string): Cluster =>
    connectCluster({
      identity,
      clock: systemClock,
      random: systemRandom,
      logger: silentLogger,
      registry: new Registry(),
      userAgent,
      rate: { perSecond: 500, burst: 500 },
    });
  const cluster = connect('person');
  const { client, discovery } = cluster;
  const namespace = `t-${randomBytes(4).toString('hex')}`;
  await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  const scoped = (of: Cluster): Pick<SharedInformers, 'acquire'> => ({
    acquire: (resource, options) =>
      of.informers.acquire(resource, resource.namespaced ? { ...options, namespace } : { ...options }),
  });
  const informers = scoped(cluster);
  const resourceOf = async (object: { kind: string; apiVersion: string }): Promise<ResourceInfo> => {
    const resource = await discovery.resourceFor(gvkOf(object));
    if (resource === undefined) throw new Error(`the cluster has no kind ${object.kind}`);
    return resource;
  };
  const controllers = new Set<RunningController>();

  const world: World = {
    namespace,
    client,
    cluster,
    informers,
    async create(object) {
      const full = { ...object, metadata: { namespace, ...object.metadata } };
      return (await client.create(await resourceOf(object), full)) as typeof object;
    },
    async patch(object, body, subresource) {
      const options = subresource === undefined ? {} : { subresource };
      const key = `${namespace}/${object.name}`;
      return client.patch(await resourceOf(object), key, 'application/merge-patch+json', body, options);
    },
    async remove(object) {
      await client.delete(await resourceOf(object), `${namespace}/${object.name}`, { propagationPolicy: 'Background' });
    },
    async see<T extends KubeObject>(
      object: { kind: string; apiVersion: string; name: string },
      wanted: (object: T) => boolean,
      what: string,
    ): Promise<T> {
      const named = (candidate: T): boolean => candidate.metadata.name === object.name && wanted(candidate);
      return firstSeen(informers, await resourceOf(object), named, `${object.kind} ${object.name} ${what}`);
    },
    async seeEvent(type, reason, text) {
      const wanted = (event: KubeObject): boolean =>
        event['type'] === type && event['reason'] === reason && String(event['message']).includes(text);
      const events = await resourceOf({ apiVersion: 'v1', kind: 'Event' });
      await firstSeen(informers, events, wanted, `Event ${type} ${reason} ${text}`);
    },
    async list<T extends KubeObject>(kind: { kind: string; apiVersion: string }) {
      return (await client.list(await resourceOf(kind), { namespace })) as T[];
    },
    async startRouter() {
      const resource = await resourceOf({ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute' });
      return fakeRouter(client, informers.acquire<HttpRoute>(resource).informer);
    },
    async startController(options = {}) {
      const own = connect('slipway');
      const controller = await run(own, scoped(own), options);
      controllers.add(controller);
      return controller;
    },
    async close() {
      for (const controller of controllers) await controller.stop();
      await client.delete(NAMESPACES, namespace, { propagationPolicy: 'Background' });
      await cluster.close();
    },
  };
  return world;
}

/** The first object that is as wanted; after a while fails and says what there was instead. */
async function firstSeen<T extends KubeObject>(
  informers: Pick<SharedInformers, 'acquire'>,
  resource: ResourceInfo,
  wanted: (object: T) => boolean,
  what: string,
): Promise<T> {
  const lease = informers.acquire<T>(resource);
  let remove = (): void => {};
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<T>((resolve, reject) => {
      timer = setTimeout(() => {
        const there = lease.informer.list().map(({ metadata, ...rest }) => [metadata.name, rest['status'] ?? rest]);
        reject(new Error(`never saw ${what}; there was ${JSON.stringify(there)}`));
      }, PATIENCE_MS);
      remove = lease.informer.onEvent(({ type, object }) => {
        if (type !== 'deleted' && wanted(object)) resolve(object);
      });
    });
  } finally {
    clearTimeout(timer);
    remove();
    lease.release();
  }
}

async function run(
  cluster: Cluster,
  scoped: Pick<SharedInformers, 'acquire'>,
  options: ControllerOptions,
): Promise<RunningController> {
  const { discovery, metrics } = cluster;
  const side = rolloutSide(
    { client: options.wrap?.(cluster.client) ?? cluster.client, informers: scoped },
    { apiGroup: options.compatibility === undefined ? 'slipway.dev' : 'argoproj.io', ...options.compatibility },
  );
  const { client, informers } = side;
  const [clock, random, logger] = [systemClock, systemRandom, options.logger ?? silentLogger];
  const abort = new AbortController();
  const { signal } = abort;
  const lease = openRolloutCaches(informers);
  await lease.waitForSync(signal);
  const queue = new WorkQueue({ clock, random });
  const registry = new Registry();
  const argoMetrics = new ArgoMetrics(registry, clock, 'test');
  const unfollow = argoMetrics.follow(lease.caches);
  const recorder = new ApiEventRecorder({ client: side.client, clock, logger, metrics, signal });
  const events = argoMetrics.counting(recorder);
  const reconciler = new RolloutReconciler({
    client,
    discovery,
    informers,
    caches: lease.caches,
    decide: decideRollout,
    marks: side.marks,
    registries: options.registries ?? NO_REGISTRY,
    events,
    clock,
    random,
    logger,
    enqueue: (key) => queue.add(key),
  });
  const experimentQueue = new WorkQueue({ clock, random });
  const experiments = new ExperimentReconciler({
    client,
    caches: lease.caches,
    decide: decideExperiment,
    events,
    clock,
    enqueue: (key) => experimentQueue.add(key),
    ...(side.marks === undefined ? {} : { marks: side.marks }),
  });
  const common = { workers: 2, clock, logger, metrics, signal };
  const running = Promise.all([
    runController({
      ...common,
      name: 'rollout',
      queue,
      reconcile: argoMetrics.measuring('rollout', (key, end) => reconciler.reconcile(key, end)),
    }),
    runController({
      ...common,
      name: 'experiment',
      queue: experimentQueue,
      reconcile: (key, end): Promise<ReconcileResult> => experiments.reconcile(key, end),
    }),
  ]);
  let stopped: Promise<void> | undefined;
  return {
    metrics: () => registry.metrics(),
    stop: () => {
      stopped ??= (async () => {
        abort.abort();
        await running;
        reconciler.close();
        experiments.close();
        unfollow();
        lease.release();
        await cluster.close();
      })();
      return stopped;
    },
  };
}

const NO_REGISTRY: Registries = {
  connect: async (registry) => {
    throw new RegistryError('RegistryNotFound', `${registry} does not exist`);
  },
  pollIntervalMs: () => 1000,
};
