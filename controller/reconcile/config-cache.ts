import { isKubeError, isObjectNotFound } from '../kube/errors.ts';
import type { InformerLease, SharedInformers } from '../kube/informers.ts';
import { isOlder } from '../kube/ingest.ts';
import { type KubeClient, keyOf, type ObjectKey, splitKey } from '../kube/types.ts';
import type { Clock } from '../platform/clock.ts';
import { messageOf } from '../platform/errors.ts';
import { type KeyDigests, keyDigests } from '../rollout/config/digest.ts';
import type { ConfigKind, ConfigReference } from '../rollout/config/references.ts';
import { type ConfigState, configState } from '../rollout/config/state.ts';
import { CONFIG_RESOURCES } from '../rollout/resources.ts';

export interface ConfigCacheOptions {
  client: KubeClient;
  informers: Pick<SharedInformers, 'acquire'>;
  clock: Clock;
  enqueue(rollout: ObjectKey): void;
}

/** What was read of one object. */
interface Content {
  /** The resourceVersion that was read; undefined: it does not exist. */
  version: string | undefined;
  digests: KeyDigests | undefined;
}

interface Open {
  lease: InformerLease;
  abort: AbortController;
  /** Objects of the kind that Rollouts name. */
  named: number;
}

/** What the objects of one Rollout say, and how long until it has to be asked again, in milliseconds. */
export interface ConfigRead {
  config: ConfigState;
  againMs?: number;
}

/** So long nothing may change before a change counts: what is applied together is one revision. */
const SETTLE_MS = 3000;
/** A refusal may end when somebody grants a right; nothing tells when. */
const REFUSED_AGAIN_MS = 30_000;

/**
 * What pods read of ConfigMaps and Secrets, as digests. One watch of a kind tells by metadata alone who changed, only while
 * a Rollout asks for the kind; the content is read only of objects that a Rollout names, once per version of the object, and
 * kept nowhere.
 */
export class ConfigCache {
  readonly #options: ConfigCacheOptions;
  readonly #open = new Map<ConfigKind, Open>();
  /** Rollouts by the object that they name, `kind/namespace/name`. */
  readonly #users = new Map<string, Set<ObjectKey>>();
  readonly #named = new Map<ObjectKey, ReadonlySet<string>>();
  readonly #contents = new Map<string, Content>();
  /** When the content of an object was seen to change, in monotonic milliseconds. */
  readonly #changedAt = new Map<string, number>();

  constructor(options: ConfigCacheOptions) {
    this.#options = options;
  }

  /**
   * What the objects say now; undefined until that can be told, which the Rollout is told. From now on it is told when one of
   * them changes, and of no others.
   */
  async read(
    rollout: ObjectKey,
    references: readonly ConfigReference[],
    signal: AbortSignal,
  ): Promise<ConfigRead | undefined> {
    const { namespace } = splitKey(rollout);
    const ids = references.map(({ kind, name }) => idOf(kind, `${namespace}/${name}`));
    this.#follow(rollout, new Set(ids));
    for (const { kind } of references) {
      const informer = this.#open.get(kind)?.lease.informer;
      if (informer?.synced === true) continue;
      if (informer?.lastError === undefined) return undefined;
      return { config: { state: 'unavailable', message: `${kind}s cannot be watched: ${informer.lastError}` } };
    }
    const read: { reference: ConfigReference; digests: KeyDigests | undefined }[] = [];
    for (const reference of references) {
      try {
        read.push({ reference, digests: await this.#digestsOf(reference, namespace, signal) });
      } catch (error) {
        if (!isKubeError(error) || error.retryable) throw error;
        return { config: { state: 'unavailable', message: messageOf(error) }, againMs: REFUSED_AGAIN_MS };
      }
    }
    const again = this.#unsettled(ids);
    if (again === undefined) return { config: configState(read) };
    const { kind, name } = references[again.index] ?? { kind: 'ConfigMap', name: '' };
    return { config: { state: 'pending', message: `${kind} "${name}" changed a moment ago` }, againMs: again.inMs };
  }

  /** The Rollout asks for nothing any more. */
  forget(rollout: ObjectKey): void {
    this.#follow(rollout, new Set());
  }

  stop(): void {
    for (const kind of [...this.#open.keys()]) this.#close(kind);
  }

  async #digestsOf(
    { kind, name }: ConfigReference,
    namespace: string,
    signal: AbortSignal,
  ): Promise<KeyDigests | undefined> {
    const key = `${namespace}/${name}`;
    const id = idOf(kind, key);
    const seen = this.#open.get(kind)?.lease.informer.get(key)?.metadata.resourceVersion;
    const known = this.#contents.get(id);
    // What was read may be newer than what the watch has shown.
    if (known !== undefined && (known.version === seen || (seen !== undefined && isOlder(seen, known.version)))) {
      return known.digests;
    }
    const content =
      seen === undefined ? { version: seen, digests: undefined } : await this.#get(kind, key, seen, signal);
    if (known !== undefined && !isSame(known.digests, content.digests)) {
      this.#changedAt.set(id, this.#options.clock.monotonic());
    }
    if (this.#users.has(id)) this.#contents.set(id, content);
    return content.digests;
  }

  async #get(kind: ConfigKind, key: ObjectKey, seen: string, signal: AbortSignal): Promise<Content> {
    try {
      const object = await this.#options.client.get(CONFIG_RESOURCES[kind], key, { signal });
      return { version: object.metadata.resourceVersion ?? seen, digests: keyDigests(object) };
    } catch (error) {
      // Deleted since; the watch is about to say so.
      if (isObjectNotFound(error)) return { version: seen, digests: undefined };
      throw error;
    }
  }

  /** The object that changed last, if that was just now, and in how many milliseconds its change counts. */
  #unsettled(ids: readonly string[]): { index: number; inMs: number } | undefined {
    const now = this.#options.clock.monotonic();
    const waits = ids.map((id) => Math.ceil((this.#changedAt.get(id) ?? Number.NEGATIVE_INFINITY) + SETTLE_MS - now));
    const inMs = Math.max(0, ...waits);
    return inMs === 0 ? undefined : { index: waits.indexOf(inMs), inMs };
  }

  #follow(rollout: ObjectKey, objects: ReadonlySet<string>): void {
    const before = this.#named.get(rollout);
    if (before === undefined && objects.size === 0) return;
    for (const id of objects) if (before?.has(id) !== true) this.#use(id, rollout);
    for (const id of before ?? []) if (!objects.has(id)) this.#leave(id, rollout);
    if (objects.size > 0) this.#named.set(rollout, objects);
    else this.#named.delete(rollout);
  }

  #use(id: string, rollout: ObjectKey): void {
    const users = this.#users.get(id);
    if (users !== undefined) {
      users.add(rollout);
      return;
    }
    this.#users.set(id, new Set([rollout]));
    const kind = kindOf(id);
    const open = this.#open.get(kind) ?? this.#start(kind);
    open.named += 1;
  }

  #leave(id: string, rollout: ObjectKey): void {
    const users = this.#users.get(id);
    users?.delete(rollout);
    if (users?.size !== 0) return;
    this.#users.delete(id);
    this.#contents.delete(id);
    this.#changedAt.delete(id);
    const kind = kindOf(id);
    const open = this.#open.get(kind);
    if (open === undefined) return;
    open.named -= 1;
    if (open.named === 0) this.#close(kind);
  }

  #start(kind: ConfigKind): Open {
    const { informers, enqueue } = this.#options;
    const lease = informers.acquire(CONFIG_RESOURCES[kind], { metadataOnly: true });
    const open: Open = { lease, abort: new AbortController(), named: 0 };
    this.#open.set(kind, open);
    const { informer } = lease;
    const remove = informer.onEvent(({ object }) => {
      // The first list is no news: whoever waits for it is told when it is complete.
      if (!informer.synced) return;
      for (const user of this.#users.get(idOf(kind, keyOf(object))) ?? []) enqueue(user);
    });
    open.abort.signal.addEventListener('abort', remove, { once: true });
    // Others may have the same watch already.
    if (informer.synced) return open;
    informer.waitForSync(open.abort.signal).then(
      () => {
        const waiting = [...this.#users].flatMap(([id, users]) => (kindOf(id) === kind ? [...users] : []));
        for (const user of new Set(waiting)) enqueue(user);
      },
      () => {}, // nobody asks for the kind any more
    );
    return open;
  }

  #close(kind: ConfigKind): void {
    const open = this.#open.get(kind);
    open?.abort.abort();
    open?.lease.release();
    this.#open.delete(kind);
  }
}

function idOf(kind: ConfigKind, key: ObjectKey): string {
  return `${kind}/${key}`;
}

function kindOf(id: string): ConfigKind {
  return id.startsWith('Secret/') ? 'Secret' : 'ConfigMap';
}

function isSame(one: KeyDigests | undefined, other: KeyDigests | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.size === other.size && [...one].every(([key, digest]) => other.get(key) === digest);
}
