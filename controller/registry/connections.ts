import { Agent } from 'undici';
import type { ClusterModelRegistry } from '../api/generated/clustermodelregistry.ts';
import type { ModelRegistry } from '../api/generated/modelregistry.ts';
import { specProblem } from '../api/stored-object.ts';
import { isNotFound } from '../kube/errors.ts';
import { type KubeClient, type ObjectKey, type ResourceInfo, type Store, splitKey } from '../kube/types.ts';
import type { Clock } from '../platform/clock.ts';
import { parseDuration } from '../platform/duration.ts';
import { messageOf, SlipwayError } from '../platform/errors.ts';
import { readCredentials } from './credentials.ts';
import { RegistryError } from './errors.ts';
import { MlflowRegistry } from './mlflow.ts';
import type { ModelRegistryClient } from './port.ts';
import { ReauthenticatingClient } from './reauthenticating-client.ts';

const SECRET_RESOURCE: ResourceInfo = {
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  namespaced: true,
  verbs: ['get'],
  subresources: [],
};
const DEFAULT_POLL_MS = 30_000;
const DEFAULT_TIMEOUT_SECONDS = 10;
/** How long a Secret is taken as read; after a refusal of the registry it is read again at once. */
const SECRET_FRESH_MS = 60_000;

export interface RegistryConnectionsOptions {
  kube: KubeClient;
  modelRegistries: Store<ModelRegistry>;
  clusterModelRegistries: Store<ClusterModelRegistry>;
  clock: Clock;
}

/** A registry object, found by `kind/name` as it is meant in a namespace. */
interface FoundRegistry {
  label: string;
  object: ModelRegistry | ClusterModelRegistry;
  /** Key of the Secret with the credentials. */
  secret: ObjectKey | undefined;
}

interface Connection {
  /** Changes when the object or the Secret does. */
  version: string;
  secretVersion: string;
  secretReadAt: number;
  client: ModelRegistryClient;
  agent: Agent;
}

/**
 * Clients of the registries that the cluster's ModelRegistry and ClusterModelRegistry objects describe. One set of sockets per
 * object; Secrets are read when they are needed, one at a time: watching all Secrets of a cluster would need far more rights.
 */
export class RegistryConnections {
  readonly #options: RegistryConnectionsOptions;
  readonly #open = new Map<string, Connection>();
  readonly #opening = new Map<string, Promise<Connection>>();

  constructor(options: RegistryConnectionsOptions) {
    this.#options = options;
  }

  /**
   * The client of a registry; it follows changes of the object and of the Secret as long as it is used.
   *
   * @param registry kind/name, for example ModelRegistry/mlflow
   * @param namespace where a ModelRegistry is looked for
   * @throws RegistryError when there is no such registry or its credentials cannot be read
   */
  async connect(registry: string, namespace: string): Promise<ModelRegistryClient> {
    await this.#current(registry, namespace, false);
    return new ReauthenticatingClient(async (fresh) => (await this.#current(registry, namespace, fresh)).client);
  }

  /** spec.pollInterval of a registry in milliseconds; the default when there is no such registry or no such duration. */
  pollIntervalMs(registry: string, namespace: string): number {
    try {
      return pollInterval(this.#find(registry, namespace).object);
    } catch (error) {
      if (error instanceof SlipwayError) return DEFAULT_POLL_MS;
      throw error;
    }
  }

  /** The registry object is gone. Requests under way end on their sockets; nobody waits for them. */
  async forget(registry: string, namespace: string): Promise<void> {
    const id = identify(registry, namespace);
    const connection = this.#open.get(id);
    this.#open.delete(id);
    closeQuietly(connection?.agent);
  }

  async close(): Promise<void> {
    const agents = [...this.#open.values()].map(({ agent }) => agent);
    this.#open.clear();
    await Promise.all(agents.map((agent) => agent.destroy()));
  }

  #find(registry: string, namespace: string): FoundRegistry {
    const { namespace: kind, name } = splitKey(registry);
    const { modelRegistries, clusterModelRegistries } = this.#options;
    if (kind === 'ClusterModelRegistry') {
      const object = clusterModelRegistries.get(name);
      const label = `ClusterModelRegistry ${name}`;
      if (object === undefined) throw notFound(label);
      const ref = readable(label, object).spec.secretRef;
      return { label, object, secret: ref && `${ref.namespace}/${ref.name}` };
    }
    const object = modelRegistries.get(`${namespace}/${name}`);
    const label = `ModelRegistry ${namespace}/${name}`;
    if (object === undefined) throw notFound(label);
    const ref = readable(label, object).spec.secretRef;
    return { label, object, secret: ref && `${namespace}/${ref.name}` };
  }

  /** The connection as it should be now; many callers at once share the work. */
  async #current(registry: string, namespace: string, fresh: boolean): Promise<Connection> {
    const found = this.#find(registry, namespace);
    const id = identify(registry, namespace);
    const known = this.#open.get(id);
    const age = this.#options.clock.monotonic() - (known?.secretReadAt ?? 0);
    const readAgain = found.secret !== undefined && (fresh || age > SECRET_FRESH_MS);
    if (known?.version === versionOf(found) && !readAgain) return known;
    const running = this.#opening.get(id);
    if (running !== undefined) return running;
    const opening = this.#reopen(id, found, known).finally(() => this.#opening.delete(id));
    this.#opening.set(id, opening);
    return opening;
  }

  async #reopen(id: string, found: FoundRegistry, known: Connection | undefined): Promise<Connection> {
    const { clock, kube } = this.#options;
    const version = versionOf(found);
    const secret = found.secret === undefined ? undefined : await this.#readSecret(kube, found, found.secret);
    const secretVersion = secret?.version ?? '';
    const secretReadAt = clock.monotonic();
    if (known?.version === version && known.secretVersion === secretVersion) {
      known.secretReadAt = secretReadAt;
      return known;
    }
    const { spec } = found.object;
    const url = URL.parse(spec.url);
    if (url === null) throw new RegistryError('RegistryInvalid', `${found.label}: spec.url is not a URL`);
    const { authorization, ca } = secret?.credentials ?? {};
    const agent = new Agent({ connections: 8, connect: ca === undefined ? {} : { ca } });
    const client = new MlflowRegistry({
      label: found.label,
      url,
      ...(authorization === undefined ? {} : { authorization }),
      timeoutMs: (spec.timeout ?? DEFAULT_TIMEOUT_SECONDS) * 1000,
      dispatcher: agent,
      clock,
    });
    const connection = { version, secretVersion, secretReadAt, client, agent };
    this.#open.set(id, connection);
    // Requests under way end on the old sockets.
    closeQuietly(known?.agent);
    return connection;
  }

  async #readSecret(kube: KubeClient, found: FoundRegistry, key: ObjectKey) {
    const named = `Secret ${key}, which spec.secretRef of ${found.label} names,`;
    try {
      const secret = await kube.get(SECRET_RESOURCE, key);
      const version = `${secret.metadata.uid}/${secret.metadata.resourceVersion}`;
      return { version, credentials: readCredentials(secret['data'], key) };
    } catch (error) {
      if (error instanceof RegistryError) throw error;
      const why = isNotFound(error) ? 'does not exist' : `cannot be read: ${messageOf(error)}`;
      throw new RegistryError('RegistrySecretMissing', `${named} ${why}`, { cause: error });
    }
  }
}

/** Time between two looks at a registry; throws SlipwayError when spec.pollInterval is no duration. */
export function pollInterval(object: ModelRegistry | ClusterModelRegistry): number {
  const { pollInterval: text } = object.spec;
  return text === undefined ? DEFAULT_POLL_MS : Math.max(1000, parseDuration(text));
}

function identify(registry: string, namespace: string): string {
  return registry.startsWith('ClusterModelRegistry/') ? registry : `${registry} in ${namespace}`;
}

function versionOf({ object, secret }: FoundRegistry): string {
  return `${object.metadata.uid}/${object.metadata.generation}/${secret ?? ''}`;
}

function readable<T extends object>(label: string, object: T): T {
  const problem = specProblem(object);
  if (problem !== undefined) throw new RegistryError('RegistryInvalid', `${label}: ${problem}`);
  return object;
}

function notFound(label: string): RegistryError {
  return new RegistryError('RegistryNotFound', `there is no ${label}; create it or correct spec.model.registry`);
}

/** Closes in its own time. That somebody else has destroyed the agent meanwhile is no news, and must not end the process. */
function closeQuietly(agent: Agent | undefined): void {
  agent?.close().catch(() => {});
}
