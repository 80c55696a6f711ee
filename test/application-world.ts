import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import {
  APPLICATION_RESOURCE,
  type Application,
  type ApplicationSpec,
} from '../controller/api/generated/application.ts';
import { createGitSource } from '../controller/git/isomorphic-source.ts';
import { runController } from '../controller/kube/controller.ts';
import { isNotFound } from '../controller/kube/errors.ts';
import { ApiEventRecorder } from '../controller/kube/events.ts';
import { type KubeClient, type KubeObject, keyOf, type ResourceInfo } from '../controller/kube/types.ts';
import { WorkQueue } from '../controller/kube/work-queue.ts';
import type { Clock } from '../controller/platform/clock.ts';
import { silentLogger } from '../controller/platform/logger.ts';
import { seededRandom } from '../controller/platform/random.ts';
import { createApplicationReconciler } from '../controller/reconcile/application.ts';
import type { InformerSource } from '../controller/reconcile/application-watches.ts';
import { fastClock } from './fast-clock.ts';
import { createRepository, type GitHttpServer, gitRoot, startGitHttp, type TestRepository } from './git-http.ts';
import { recordingClient } from './recording-client.ts';
import { connectReal, createNamespace, eventually, type RealCluster } from './setup/real-cluster.ts';

/** Minutes of backoff pass in seconds. */
export const SPEED = 20;
/** One hour: only a webhook, or a test that wants polling, makes the controller look. */
const NO_POLLING_MS = 3_600_000;

export interface WorldOptions {
  credentials?: { username: string; password: string };
  pollIntervalMs?: number;
  /** How long a Git server may be silent, in real milliseconds. */
  gitSilenceMs?: number;
  /** What time it is for the controller; else the real one, faster. */
  clock?: Clock;
  /** Sits between the controller and the API server. */
  client?: (real: KubeClient) => KubeClient;
}

/** A manifest of an Application; only what differs from the usual is given. */
export interface ApplicationOptions {
  name?: string;
  path?: string;
  repoURL?: string;
  targetRevision?: string;
  secretRef?: { name: string };
  directory?: object;
  destination?: object;
  /** `{}` for syncing by itself; undefined for comparing only. */
  automated?: object;
  /** The rest of spec.syncPolicy. */
  syncPolicy?: object;
  /** More of the spec. */
  spec?: object;
}

/** A controller for the Applications of one namespace, one API server and one Git server, all real. */
export class ApplicationWorld {
  readonly namespace: string;
  readonly cluster: RealCluster;
  readonly git: GitHttpServer;
  readonly repository: TestRepository;
  /** Writes of the controller in order, for example `apply configmaps team/settings`, dry runs marked as such. */
  readonly writes: string[] = [];
  readonly #options: WorldOptions;
  readonly #root: string;
  readonly #cacheDir: string;
  #controller: { look(): number; stop(): Promise<void> } | undefined;

  private constructor(
    namespace: string,
    cluster: RealCluster,
    git: GitHttpServer,
    repository: TestRepository,
    root: string,
    cacheDir: string,
    options: WorldOptions,
  ) {
    this.namespace = namespace;
    this.cluster = cluster;
    this.git = git;
    this.repository = repository;
    this.#root = root;
    this.#cacheDir = cacheDir;
    this.#options = options;
  }

  /** Opens everything; the controller does not run yet. */
  static async open(namespace: string, options: WorldOptions = {}): Promise<ApplicationWorld> {
    const cluster = connectReal();
    await createNamespace(cluster, namespace);
    const root = await gitRoot();
    const git = await startGitHttp(root, options.credentials);
    const repository = await createRepository(root, 'repo');
    const cacheDir = await mkdtemp(join(tmpdir(), 'slipway-cache-'));
    return new ApplicationWorld(namespace, cluster, git, repository, root, cacheDir, options);
  }

  async close(): Promise<void> {
    await this.stop();
    await this.git.close();
    await this.cluster.close();
    await rm(this.#root, { recursive: true, force: true });
    await rm(this.#cacheDir, { recursive: true, force: true });
  }

  get url(): string {
    return this.git.url('repo');
  }

  /** Starts the controller with nothing remembered, as after a crash. */
  async start(): Promise<void> {
    const { cluster, namespace } = this;
    const clock = this.#options.clock ?? fastClock(SPEED);
    const random = seededRandom(1);
    const stop = new AbortController();
    const { gitSilenceMs = 30_000 * SPEED } = this.#options;
    const client = recordingClient(this.#options.client?.(cluster.client) ?? cluster.client, this.writes);
    const git = createGitSource({
      cacheDir: this.#cacheDir,
      clock,
      logger: silentLogger,
      limits: { timeoutMs: 30_000 * SPEED, idleTimeoutMs: gitSilenceMs },
    });
    const events = new ApiEventRecorder({
      client: cluster.client,
      clock,
      logger: silentLogger,
      metrics: cluster.metrics,
      signal: stop.signal,
    });
    const queue = new WorkQueue({ clock, random });
    // Files of tests share the cluster: this controller sees the Applications of its own namespace only.
    const informers: InformerSource = {
      acquire: (resource, options) =>
        cluster.informers.acquire(resource, resource.kind === 'Application' ? { ...options, namespace } : options),
    };
    const reconciler = createApplicationReconciler({
      client,
      discovery: cluster.discovery,
      informers,
      git,
      events,
      clock,
      random,
      logger: silentLogger,
      pollIntervalMs: this.#options.pollIntervalMs ?? NO_POLLING_MS,
      enqueue: (key) => queue.add(key),
      enqueueAfter: (key, ms) => queue.addAfter(key, ms),
    });
    await reconciler.waitForSync(stop.signal);
    const running = runController({
      name: 'application',
      queue,
      reconcile: reconciler.reconcile,
      workers: 2,
      clock,
      logger: silentLogger,
      metrics: cluster.metrics,
      signal: stop.signal,
    });
    this.#controller = {
      look: () => reconciler.look(this.url),
      stop: async () => {
        await events.flush();
        stop.abort();
        await running;
        reconciler.close();
        await git.close();
      },
    };
  }

  async stop(): Promise<void> {
    await this.#controller?.stop();
    this.#controller = undefined;
  }

  /** Tells the controller that the repository has news, as a webhook does. */
  look(): number {
    return this.#controller?.look() ?? 0;
  }

  /** Commits files (null removes one) and tells the controller. Returns the commit. */
  async push(files: Record<string, string | null>): Promise<string> {
    const commit = await this.repository.commit(files);
    this.look();
    return commit;
  }

  async createApplication(options: ApplicationOptions = {}): Promise<void> {
    const { name = 'app', path = '.', repoURL = this.url, targetRevision = 'main', destination, automated } = options;
    const { secretRef, directory, syncPolicy } = options;
    const spec = {
      source: { repoURL, path, targetRevision, ...(secretRef && { secretRef }), ...(directory && { directory }) },
      ...(destination && { destination }),
      ...((automated ?? syncPolicy) && { syncPolicy: { ...syncPolicy, ...(automated && { automated }) } }),
      ...options.spec,
    } as unknown as ApplicationSpec;
    const metadata = { name, namespace: this.namespace };
    await this.cluster.client.create(APPLICATION_RESOURCE, {
      apiVersion: 'slipway.dev/v1alpha1',
      kind: 'Application',
      metadata,
      spec,
    });
  }

  async patchApplication(patch: object, name = 'app'): Promise<void> {
    await this.patch(APPLICATION_RESOURCE, name, patch);
  }

  /** A merge patch, by somebody who is not the controller. */
  async patch(
    resource: ResourceInfo,
    name: string,
    patch: object,
    options: { subresource?: 'status' } = {},
  ): Promise<void> {
    const key = resource.namespaced ? `${this.namespace}/${name}` : name;
    await this.cluster.client.patch(resource, key, 'application/merge-patch+json', patch, options);
  }

  async deleteApplication(name: string): Promise<void> {
    await this.cluster.client.delete(APPLICATION_RESOURCE, `${this.namespace}/${name}`);
  }

  async application(name = 'app'): Promise<Application> {
    return (await this.cluster.client.get(APPLICATION_RESOURCE, `${this.namespace}/${name}`)) as Application;
  }

  /** Resolves as soon as there is no such Application. */
  async untilGone(name: string): Promise<void> {
    await this.untilObject(APPLICATION_RESOURCE, name, (object) => object === undefined);
  }

  /** Resolves as soon as an Application is as wanted. */
  until(wanted: (application: Application) => boolean, name = 'app'): Promise<Application> {
    return this.untilObject<Application>(
      APPLICATION_RESOURCE,
      name,
      (application) => application !== undefined && wanted(application),
    ) as Promise<Application>;
  }

  /** Resolves as soon as an object of the namespace, or its absence, is as wanted. */
  untilObject<T extends KubeObject>(
    resource: ResourceInfo,
    name: string,
    wanted: (object: T | undefined) => boolean,
  ): Promise<T | undefined> {
    const key = resource.namespaced ? `${this.namespace}/${name}` : name;
    const { informer, release } = this.cluster.informers.acquire<T>(
      resource,
      resource.namespaced ? { namespace: this.namespace } : {},
    );
    return new Promise<T | undefined>((resolve) => {
      let remove = (): void => {};
      const check = (): void => {
        const object = informer.get(key);
        if (!informer.synced || !wanted(object)) return;
        resolve(object);
        queueMicrotask(() => remove());
      };
      remove = informer.onEvent((event) => {
        if (keyOf(event.object) === key) check();
      });
      informer.waitForSync(new AbortController().signal).then(check, () => {});
    }).finally(release);
  }

  /** An object of the namespace, or undefined when there is none. */
  async read(resource: ResourceInfo, name: string): Promise<KubeObject | undefined> {
    try {
      return await this.cluster.client.get(resource, resource.namespaced ? `${this.namespace}/${name}` : name);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** The data of a ConfigMap, undefined when there is none. */
  async data(name: string): Promise<unknown> {
    return (await this.read(CONFIG_MAPS, name))?.['data'];
  }

  /** Resolves as soon as an Application has an Event, given as in {@link events}. Events are written after the status. */
  untilEvent(wanted: string | RegExp, name = 'app'): Promise<void> {
    const matcher = typeof wanted === 'string' ? wanted : expect.stringMatching(wanted);
    return eventually(async () => expect(await this.events(name)).toContainEqual(matcher));
  }

  /** `type reason: message` of every Event of an Application so far, in the order of their names. */
  async events(name = 'app'): Promise<string[]> {
    const events = await this.cluster.client.list(EVENTS, {
      namespace: this.namespace,
      fieldSelector: `involvedObject.name=${name}`,
    });
    return events.map((event) => `${event['type']} ${event['reason']}: ${event['message']}`);
  }
}

function builtIn(group: string, version: string, kind: string, plural: string): ResourceInfo {
  return { group, version, kind, plural, namespaced: true, verbs: [], subresources: [] };
}

export const EVENTS = builtIn('', 'v1', 'Event', 'events');
export const CONFIG_MAPS = builtIn('', 'v1', 'ConfigMap', 'configmaps');
export const SECRETS = builtIn('', 'v1', 'Secret', 'secrets');
export const SERVICES = builtIn('', 'v1', 'Service', 'services');
export const DEPLOYMENTS = builtIn('apps', 'v1', 'Deployment', 'deployments');

/** A ConfigMap as YAML. */
export function configMap(name: string, data: Record<string, string> = { key: 'value' }): string {
  return `${JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data })}\n`;
}

/** Status, reason and message of a condition, for assertions. */
export function condition(application: Application, type: string): { status: string; reason: string; message: string } {
  const found = application.status?.conditions?.find((c) => c.type === type);
  return { status: found?.status ?? '', reason: found?.reason ?? '', message: found?.message ?? '' };
}

export function isSynced(application: Application): boolean {
  const { generation } = application.metadata;
  const found = application.status?.conditions?.find((c) => c.type === 'Synced');
  return found?.status === 'True' && found.observedGeneration === generation;
}

/** In sync with one commit, as said after that commit. */
export function isSyncedTo(commit: string): (application: Application) => boolean {
  return (application) => isSynced(application) && application.status?.sync?.revision === commit;
}
