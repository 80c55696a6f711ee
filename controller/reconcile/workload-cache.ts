import type { Rollout } from '../api/generated/rollout.ts';
import type { InformerLease, SharedInformers } from '../kube/informers.ts';
import { type Informer, type KubeObject, keyOf, type ObjectKey } from '../kube/types.ts';
import { messageOf } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import { WORKLOAD_RESOURCES } from '../rollout/resources.ts';
import type { WorkloadKind } from '../rollout/snapshot.ts';
import { WORKLOAD_KINDS, workloadReference } from '../rollout/workload.ts';
import type { RolloutCaches } from './rollout-caches.ts';

export interface WorkloadCacheOptions {
  informers: Pick<SharedInformers, 'acquire'>;
  logger: Logger;
  /** A workload changed. */
  onChange(kind: WorkloadKind, key: ObjectKey): void;
  /** All of a kind can be read now, so that everybody who waits for it has to look. */
  onReady(kind: WorkloadKind): void;
}

/** The status of a workload changes with each pod and says nothing of its template. */
const WITHOUT_STATUS = {
  name: 'without status',
  apply: (object: KubeObject): void => {
    delete object['status'];
  },
};

interface Open {
  lease: InformerLease;
  abort: AbortController;
}

/** Caches of what Rollouts take their templates from, each kept only while a Rollout needs its kind. */
export class WorkloadCache {
  readonly #options: WorkloadCacheOptions;
  readonly #open = new Map<WorkloadKind, Open>();

  constructor(options: WorkloadCacheOptions) {
    this.#options = options;
  }

  /** Starts and ends watches. */
  want(kinds: ReadonlySet<WorkloadKind>): void {
    for (const [kind, open] of this.#open) if (!kinds.has(kind)) this.#close(kind, open);
    for (const kind of kinds) if (!this.#open.has(kind)) this.#start(kind);
  }

  /** The workload, `absent`, or undefined while that cannot be told yet. */
  get(kind: WorkloadKind, key: ObjectKey): KubeObject | 'absent' | undefined {
    const informer = this.#open.get(kind)?.lease.informer;
    if (informer?.synced !== true) return undefined;
    return informer.get(key) ?? 'absent';
  }

  /** The cache of a kind while it is kept. */
  informer(kind: WorkloadKind): Informer | undefined {
    return this.#open.get(kind)?.lease.informer;
  }

  stop(): void {
    this.want(new Set());
  }

  #start(kind: WorkloadKind): void {
    const { informers, logger, onChange, onReady } = this.#options;
    const lease = informers.acquire(WORKLOAD_RESOURCES[kind], { transform: WITHOUT_STATUS });
    const abort = new AbortController();
    this.#open.set(kind, { lease, abort });
    const remove = lease.informer.onEvent((event) => {
      const scaled = event.type === 'updated' && event.old.metadata.generation === event.object.metadata.generation;
      if (!scaled) onChange(kind, keyOf(event.object));
    });
    abort.signal.addEventListener('abort', remove, { once: true });
    lease.informer.waitForSync(abort.signal).then(
      () => onReady(kind),
      (error) => {
        if (!abort.signal.aborted) logger.warn({ kind, reason: messageOf(error) }, 'workloads cannot be read');
      },
    );
  }

  #close(kind: WorkloadKind, { lease, abort }: Open): void {
    abort.abort();
    lease.release();
    this.#open.delete(kind);
  }
}

/** The workload that a Rollout names, undefined when it names none or one that is not there, `unknown` until that can be told. */
export function readWorkload(rollout: Rollout, cache: WorkloadCache): KubeObject | 'unknown' | undefined {
  const reference = workloadReference(rollout);
  if (reference === undefined) return undefined;
  const found = cache.get(reference.kind, `${rollout.metadata.namespace}/${reference.name}`);
  return found === 'absent' ? undefined : (found ?? 'unknown');
}

/** The kinds that any Rollout needs. */
export function neededKinds({ rollouts }: Pick<RolloutCaches, 'rollouts'>): ReadonlySet<WorkloadKind> {
  return new Set(WORKLOAD_KINDS.filter((kind) => rollouts.byIndex('workloadKind', kind).length > 0));
}
