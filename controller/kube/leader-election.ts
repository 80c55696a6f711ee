import { withDeadline } from '../platform/abort.ts';
import { type Clock, sleep } from '../platform/clock.ts';
import { messageOf } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import type { Random } from '../platform/random.ts';
import { isAlreadyExists, isConflict, isNotFound } from './errors.ts';
import { heldBy, LEASES, type LeaseSpec, leaseSpecOf, released } from './lease.ts';
import type { KubeClient, KubeObject } from './types.ts';

/** The usual times of Kubernetes controllers, in milliseconds. */
export interface LeaseTimes {
  /** Others wait this long after the last renewal they saw before they take over. */
  durationMs: number;
  /** Without a successful renewal for this long, leadership is given up; must be below `durationMs`. */
  renewDeadlineMs: number;
  /** Pause between tries. */
  retryMs: number;
}

export const DEFAULT_LEASE_TIMES: LeaseTimes = { durationMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2000 };

export interface LeaderElectionOptions {
  /** Its own client (its own Transport), so that a flood of other requests cannot delay a renewal. */
  client: KubeClient;
  namespace: string;
  /** Name of the Lease. */
  name: string;
  /** Unique to this process, for example pod name and a random part. */
  identity: string;
  clock: Clock;
  random: Random;
  logger: Logger;
  times?: LeaseTimes;
  /**
   * Called each time leadership is won, with a signal that aborts when it is lost or `signal` aborts. The Lease is
   * released only after the returned promise settles. It must then settle within durationMs - renewDeadlineMs: after that
   * another replica leads.
   */
  lead: (signal: AbortSignal) => Promise<void>;
  /** Ends the candidacy. */
  signal: AbortSignal;
}

/** What was last seen of the Lease. Only our own monotonic clock counts: the times in the Lease are another machine's. */
interface Observation {
  lease: KubeObject;
  spec: LeaseSpec;
  /** Monotonic time at which this state was first seen. */
  at: number;
}

/** Competes for a Lease until the signal aborts. */
export class LeaderElection {
  readonly #o: LeaderElectionOptions;
  readonly #times: LeaseTimes;
  #seen: Observation | undefined;
  #leading = false;

  constructor(options: LeaderElectionOptions) {
    this.#o = options;
    this.#times = options.times ?? DEFAULT_LEASE_TIMES;
  }

  get leading(): boolean {
    return this.#leading;
  }

  /** Resolves after the signal aborted, `lead` settled and the Lease was released. Rejects only with what `lead` does. */
  async run(): Promise<void> {
    for (;;) {
      const wonAt = await this.#acquire();
      if (wonAt === undefined) return;
      await this.#term(wonAt);
    }
  }

  async #term(wonAt: number): Promise<void> {
    const { signal, logger, identity, name, lead } = this.#o;
    logger.info({ lease: name, identity }, 'became leader');
    const term = new AbortController();
    const end = (): void => term.abort(signal.reason);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    this.#leading = true;
    const ended = new AbortController();
    const renewing = this.#renewUntil(ended.signal, term, wonAt);
    try {
      await lead(term.signal);
    } finally {
      // Renewed until here, also after `signal`: while `lead` winds down, nobody else may start.
      ended.abort(new DOMException('the leader ended its work', 'AbortError'));
      await renewing;
      this.#leading = false;
      signal.removeEventListener('abort', end);
      await this.#release();
    }
  }

  /** Tries until it holds the Lease: the monotonic time before the request that won it; undefined when the signal aborted first. */
  async #acquire(): Promise<number | undefined> {
    const { signal, logger, name, clock } = this.#o;
    while (!signal.aborted) {
      const sentAt = clock.monotonic();
      try {
        if (await this.#tryOnce(this.#times.renewDeadlineMs, signal)) return sentAt;
      } catch (error) {
        if (!signal.aborted) logger.warn({ lease: name, reason: messageOf(error) }, 'cannot acquire the lease');
      }
      await this.#pause(signal);
    }
    return undefined;
  }

  /** Renews until the work ended, or ends the term when no renewal succeeded within the deadline. */
  async #renewUntil(ended: AbortSignal, term: AbortController, wonAt: number): Promise<void> {
    const { clock, logger, name, identity } = this.#o;
    let renewedAt = wonAt;
    // A slow answer has used up part of the deadline: then the first renewal does not wait.
    let late = clock.monotonic() - wonAt >= this.#times.retryMs;
    for (;;) {
      if (!late) await this.#pause(ended);
      late = false;
      if (ended.aborted) return;
      const sentAt = clock.monotonic();
      const left = renewedAt + this.#times.renewDeadlineMs - sentAt;
      try {
        // Counted from before the request: the others count from when they see it, which is later.
        if (left > 0 && (await this.#tryOnce(left, ended))) renewedAt = sentAt;
      } catch (error) {
        if (ended.aborted) return;
        logger.warn({ lease: name, reason: messageOf(error) }, 'cannot renew the lease');
      }
      const holder = this.#seen?.spec.holderIdentity ?? '';
      if (holder === identity && clock.monotonic() - renewedAt < this.#times.renewDeadlineMs) continue;
      this.#leading = false;
      logger.error({ lease: name, holder }, 'lost leadership');
      term.abort(new DOMException(`leadership of lease ${name} was lost`, 'AbortError'));
      return;
    }
  }

  /** One try to take or renew the Lease. False when somebody else has it or was faster. */
  async #tryOnce(budgetMs: number, parent: AbortSignal): Promise<boolean> {
    const { clock, identity } = this.#o;
    const deadline = withDeadline(clock, budgetMs, parent);
    try {
      // While we lead nobody else writes, so the version we wrote last is still the current one.
      if (
        this.#leading &&
        this.#seen?.spec.holderIdentity === identity &&
        (await this.#put(this.#seen, deadline.signal))
      ) {
        return true;
      }
      const current = await this.#read(deadline.signal);
      if (current === undefined) return await this.#create(deadline.signal);
      const { spec, at } = current;
      const free = spec.holderIdentity === '' || clock.monotonic() - at >= spec.leaseDurationSeconds * 1000;
      if (spec.holderIdentity !== identity && !free) return false;
      return await this.#put(current, deadline.signal);
    } finally {
      deadline.dispose();
    }
  }

  async #read(signal: AbortSignal): Promise<Observation | undefined> {
    const { client, namespace, name } = this.#o;
    try {
      return this.#observe(await client.get(LEASES, `${namespace}/${name}`, { signal }));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async #create(signal: AbortSignal): Promise<boolean> {
    const { client, clock, identity, namespace, name } = this.#o;
    const spec = heldBy(identity, undefined, this.#times.durationMs, clock.now());
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace }, spec };
    return this.#write(() => client.create(LEASES, lease, { signal }));
  }

  async #put(from: Observation, signal: AbortSignal): Promise<boolean> {
    const { client, clock, identity } = this.#o;
    const spec = heldBy(identity, from.spec, this.#times.durationMs, clock.now());
    return this.#write(() => client.update(LEASES, { ...from.lease, spec }, { signal }));
  }

  /** The server accepts a write only on the version it was made from: of two candidates one gets the conflict. */
  async #write(write: () => Promise<KubeObject>): Promise<boolean> {
    try {
      this.#observe(await write());
      return true;
    } catch (error) {
      if (isConflict(error) || isAlreadyExists(error)) return false;
      throw error;
    }
  }

  #observe(lease: KubeObject): Observation {
    if (this.#seen?.lease.metadata.resourceVersion !== lease.metadata.resourceVersion) {
      this.#seen = { lease, spec: leaseSpecOf(lease), at: this.#o.clock.monotonic() };
    }
    return this.#seen as Observation;
  }

  async #release(): Promise<void> {
    const { client, clock, identity, logger, name } = this.#o;
    if (this.#seen?.spec.holderIdentity !== identity) return;
    const deadline = withDeadline(clock, this.#times.retryMs);
    const spec = released(this.#seen.spec, clock.now());
    try {
      this.#observe(await client.update(LEASES, { ...this.#seen.lease, spec }, { signal: deadline.signal }));
    } catch (error) {
      // It runs out by itself.
      logger.info({ lease: name, reason: messageOf(error) }, 'could not release the lease');
    } finally {
      deadline.dispose();
    }
  }

  async #pause(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#o;
    await sleep(clock, this.#times.retryMs * (0.8 + 0.4 * random()), signal).catch(() => {});
  }
}
