import { setCondition } from '../api/conditions.ts';
import { CLUSTER_MODEL_REGISTRY_RESOURCE, type ClusterModelRegistry } from '../api/generated/clustermodelregistry.ts';
import {
  MODEL_REGISTRY_RESOURCE,
  type ModelRegistry,
  type ModelRegistryStatus,
} from '../api/generated/modelregistry.ts';
import { Reason } from '../api/reasons.ts';
import { specProblem } from '../api/stored-object.ts';
import {
  type EventRecorder,
  type Informer,
  type KubeClient,
  type ObjectKey,
  type ReconcileResult,
  splitKey,
} from '../kube/types.ts';
import type { Clock } from '../platform/clock.ts';
import { messageOf, SlipwayError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import { pollInterval, type RegistryConnections } from '../registry/connections.ts';
import { putStatus } from './put-status.ts';

export interface ModelRegistryReconcilerOptions {
  client: KubeClient;
  /** Both synced before the first reconcile. */
  modelRegistries: Informer<ModelRegistry>;
  clusterModelRegistries: Informer<ClusterModelRegistry>;
  connections: Pick<RegistryConnections, 'connect' | 'forget'>;
  events: EventRecorder;
  clock: Clock;
  logger: Logger;
  enqueue(key: ObjectKey): void;
}

/** What the registry said last. */
type Health = { ok: true; serverVersion: string | undefined } | { ok: false; code: string; message: string };

/** A look at one registry: under way, or done. */
interface Look {
  /** uid and generation of the object that was looked at. */
  of: string;
  stop: AbortController;
  done?: { health: Health; at: number };
}

/** A registry that does not answer is asked at least this often, however rarely it is polled otherwise. */
const MAX_RETRY_MS = 30_000;
const CACHE_LAG_MS = 500;

/**
 * Looks at model registries at their poll interval and says in the Ready condition whether they can be used. Keys with a
 * namespace are ModelRegistries, keys without one ClusterModelRegistries. Nothing is written while nothing changes.
 */
export class ModelRegistryReconciler {
  readonly #options: ModelRegistryReconcilerOptions;
  readonly #looks = new Map<ObjectKey, Look>();

  constructor(options: ModelRegistryReconcilerOptions) {
    this.#options = options;
  }

  async reconcile(key: ObjectKey, signal: AbortSignal): Promise<ReconcileResult> {
    const { client, clusterModelRegistries, modelRegistries, connections, clock } = this.#options;
    const { namespace, name } = splitKey(key);
    const cluster = namespace === '';
    const object = cluster ? clusterModelRegistries.get(key) : modelRegistries.get(key);
    const reference = cluster ? `ClusterModelRegistry/${name}` : `ModelRegistry/${name}`;
    const of = `${object?.metadata.uid}/${object?.metadata.generation}`;
    if (this.#looks.get(key)?.of !== of) this.#forget(key);
    if (object === undefined || object.metadata.deletionTimestamp !== undefined) {
      await connections.forget(reference, namespace);
      return {};
    }
    const interval = intervalOf(object);
    const look = this.#looks.get(key);
    if (look === undefined) {
      this.#look(key, of, reference, namespace);
      return {};
    }
    // The look that is under way enqueues when it is done.
    if (look.done === undefined) return {};
    const health: Health = typeof interval === 'number' ? look.done.health : interval;
    const put = await putStatus(
      client,
      cluster ? CLUSTER_MODEL_REGISTRY_RESOURCE : MODEL_REGISTRY_RESOURCE,
      object,
      statusAfter(object, health, clock.now()),
      signal,
    );
    if (put.result === 'stale') return { requeueAfterMs: CACHE_LAG_MS };
    if (put.result === 'written' || put.result === 'unwritable') this.#tell(object, health);
    // An interval that makes no sense is looked at again when somebody changes it.
    if (typeof interval !== 'number') return {};
    const wait = look.done.health.ok ? interval : Math.min(interval, MAX_RETRY_MS);
    const left = look.done.at + wait - clock.monotonic();
    if (left > 0) return { requeueAfterMs: left };
    this.#look(key, of, reference, namespace);
    return {};
  }

  close(): void {
    for (const key of [...this.#looks.keys()]) this.#forget(key);
  }

  #forget(key: ObjectKey): void {
    this.#looks.get(key)?.stop.abort();
    this.#looks.delete(key);
  }

  /** Asks beside the workers: a registry that hangs holds up nobody. */
  #look(key: ObjectKey, of: string, reference: string, namespace: string): void {
    const { clock, enqueue } = this.#options;
    const look: Look = { of, stop: new AbortController() };
    this.#looks.set(key, look);
    void this.#ask(reference, namespace, look.stop.signal).then((health) => {
      if (look.stop.signal.aborted) return;
      look.done = { health, at: clock.monotonic() };
      enqueue(key);
    });
  }

  async #ask(reference: string, namespace: string, signal: AbortSignal): Promise<Health> {
    try {
      const client = await this.#options.connections.connect(reference, namespace);
      const { serverVersion } = await client.health(signal);
      return { ok: true, serverVersion };
    } catch (error) {
      if (error instanceof SlipwayError) return { ok: false, code: error.code, message: error.message };
      if (!signal.aborted)
        this.#options.logger.error({ registry: reference, err: error }, 'looking at a registry threw');
      return { ok: false, code: Reason.InternalError, message: messageOf(error) };
    }
  }

  /** Only changes are told: a poll that finds the same again writes no status and comes not here. */
  #tell(object: ModelRegistry | ClusterModelRegistry, health: Health): void {
    const { events } = this.#options;
    if (health.ok) events.event(object, 'Normal', Reason.Connected, connectedMessage(health.serverVersion));
    else events.event(object, 'Warning', health.code, health.message);
  }
}

function intervalOf(object: ModelRegistry | ClusterModelRegistry): number | (Health & { ok: false }) {
  const problem = specProblem(object);
  if (problem !== undefined) return { ok: false, code: Reason.RegistryInvalid, message: problem };
  try {
    return pollInterval(object);
  } catch (error) {
    return { ok: false, code: Reason.RegistryInvalid, message: `spec.pollInterval: ${messageOf(error)}` };
  }
}

function statusAfter(
  object: ModelRegistry | ClusterModelRegistry,
  health: Health,
  now: number,
): NonNullable<ModelRegistry['status']> {
  const before: ModelRegistryStatus = object.status ?? {};
  const observed = object.metadata.generation === undefined ? {} : { observedGeneration: object.metadata.generation };
  const condition = health.ok
    ? { status: 'True' as const, reason: Reason.Connected, message: connectedMessage(health.serverVersion) }
    : { status: 'False' as const, reason: health.code, message: health.message };
  const { serverVersion: known, ...rest } = before;
  const serverVersion = health.ok ? health.serverVersion : known;
  return {
    ...rest,
    ...observed,
    ...(serverVersion === undefined ? {} : { serverVersion }),
    conditions: [...setCondition(before.conditions ?? [], { type: 'Ready', ...condition, ...observed }, now)],
  };
}

function connectedMessage(serverVersion: string | undefined): string {
  return serverVersion === undefined ? 'the registry answers' : `the registry answers, version ${serverVersion}`;
}
