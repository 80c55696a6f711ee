import type { Clock } from '../platform/clock.ts';
import { messageOf } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import { type DiscoveredKinds, parseAggregated, parseGroupVersions, parseResourceList } from './discovery-documents.ts';
import { KubeError } from './errors.ts';
import type { Transport } from './transport.ts';
import { apiVersionOf, type Discovery, type GroupVersionKind, type ResourceInfo } from './types.ts';

/** Kinds change when CRDs do, and then {@link Discovery.invalidate} is called; this is for aggregated APIs. */
const TTL_MS = 600_000;
/** An unknown kind makes us look again, but not more often than this. */
const MISS_TTL_MS = 2000;
const AGGREGATED =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json';

export interface DiscoveryOptions {
  transport: Transport;
  clock: Clock;
  logger: Logger;
}

interface Snapshot {
  kinds: ReadonlyMap<string, ResourceInfo>;
  stale: ReadonlySet<string>;
  readAt: number;
}

/** Which kinds the cluster serves, from two requests for all of them. */
export class CachedDiscovery implements Discovery {
  readonly #options: DiscoveryOptions;
  #snapshot: Snapshot | undefined;
  #reading: Promise<Snapshot> | undefined;

  constructor(options: DiscoveryOptions) {
    this.#options = options;
  }

  /**
   * Throws KubeError (retryable) when the answer is not known: the API server does not answer, or the group's own server
   * does not. "Not known" must never be taken for "not there".
   */
  async resourceFor(gvk: GroupVersionKind, signal?: AbortSignal): Promise<ResourceInfo | undefined> {
    const key = kindKey(gvk);
    const { snapshot, found } = await this.#find(({ kinds }) => kinds.get(key), signal);
    if (found === undefined && snapshot?.stale.has(apiVersionOf(gvk))) throw staleGroup(gvk.kind, apiVersionOf(gvk));
    return found;
  }

  /** As {@link resourceFor}: throws when the answer is not known. */
  async inAnyVersion(
    { group, kind }: { group: string; kind: string },
    signal?: AbortSignal,
  ): Promise<ResourceInfo | undefined> {
    // Servers list what they prefer first.
    const first = ({ kinds }: Snapshot): ResourceInfo | undefined =>
      [...kinds.values()].find((resource) => resource.group === group && resource.kind === kind);
    const { snapshot, found } = await this.#find(first, signal);
    const stale = [...(snapshot?.stale ?? [])].find((apiVersion) => apiVersion.startsWith(`${group}/`));
    if (found === undefined && stale !== undefined) throw staleGroup(kind, stale);
    return found;
  }

  async #find(
    look: (snapshot: Snapshot) => ResourceInfo | undefined,
    signal: AbortSignal | undefined,
  ): Promise<{ snapshot: Snapshot | undefined; found: ResourceInfo | undefined }> {
    const { clock } = this.#options;
    const snapshot = this.#snapshot;
    const found = snapshot && look(snapshot);
    const age = snapshot === undefined ? Number.POSITIVE_INFINITY : clock.monotonic() - snapshot.readAt;
    if (snapshot !== undefined && age <= (found === undefined ? MISS_TTL_MS : TTL_MS)) return { snapshot, found };
    try {
      const fresh = await abortable(this.#read(), signal);
      return { snapshot: fresh, found: look(fresh) };
    } catch (error) {
      // What was served ten minutes ago is very likely still served.
      if (found === undefined || signal?.aborted) throw error;
      return { snapshot, found };
    }
  }

  invalidate(): void {
    this.#snapshot = undefined;
    // Whoever waits for a reading that began earlier still gets it; it is not kept.
    this.#reading = undefined;
  }

  /** One reading for all who ask at the same time; none of them can cancel it for the others. */
  #read(): Promise<Snapshot> {
    if (this.#reading !== undefined) return this.#reading;
    const reading = this.#fetch().then(
      (snapshot) => {
        if (this.#reading === reading) {
          this.#snapshot = snapshot;
          this.#reading = undefined;
        }
        return snapshot;
      },
      (error: unknown) => {
        if (this.#reading === reading) this.#reading = undefined;
        throw error;
      },
    );
    this.#reading = reading;
    return reading;
  }

  async #fetch(): Promise<Snapshot> {
    const [core, groups] = await Promise.all([this.#get('/api', AGGREGATED), this.#get('/apis', AGGREGATED)]);
    const aggregated = [parseAggregated(core), parseAggregated(groups)];
    const parts = await Promise.all(
      aggregated.map((part, i) => part ?? (i === 0 ? this.#oneByOne(core, {}) : this.#oneByOne({}, groups))),
    );
    return {
      kinds: new Map(parts.flatMap((part) => part.resources).map((resource) => [kindKey(resource), resource])),
      stale: new Set(parts.flatMap((part) => part.stale)),
      readAt: this.#options.clock.monotonic(),
    };
  }

  /** For servers without aggregated discovery. A group that does not answer hides only itself. */
  async #oneByOne(core: unknown, groups: unknown): Promise<DiscoveredKinds> {
    const found: DiscoveredKinds = { resources: [], stale: [] };
    await Promise.all(
      parseGroupVersions(core, groups).map(async ({ group, version }) => {
        const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
        try {
          found.resources.push(...parseResourceList(group, version, await this.#get(path, 'application/json')));
        } catch (error) {
          found.stale.push(apiVersionOf({ group, version }));
          this.#options.logger.warn({ group, version, reason: messageOf(error) }, 'an API group does not answer');
        }
      }),
    );
    return found;
  }

  #get(path: string, accept: string): Promise<unknown> {
    return this.#options.transport.request({ verb: 'get', resource: 'discovery', key: path, path, accept });
  }
}

function kindKey(gvk: GroupVersionKind): string {
  return `${gvk.group}/${gvk.version}/${gvk.kind}`;
}

function staleGroup(kind: string, apiVersion: string): KubeError {
  const message = `cannot tell whether the cluster has kind ${kind}: the server of API group ${apiVersion} does not answer (see kubectl get apiservices)`;
  return new KubeError('KubeDiscoveryIncomplete', message, {
    status: 503,
    reason: 'ServiceUnavailable',
    retryable: true,
  });
}

/** The promise, or a rejection as soon as the signal aborts; the promise itself goes on. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
