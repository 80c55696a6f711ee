import { Agent, request } from 'node:http';
import { payment } from './payments.ts';

/** What became of one request. Times are milliseconds of `performance.now()`. */
export interface Answer {
  readonly sentAt: number;
  readonly answeredAt: number;
  /** What the demo was doing when it was sent. */
  readonly phase: string;
  /** Status code; undefined when there was no answer. */
  readonly status?: number;
  /** Which version answered, by its own word; undefined when the gateway or nobody did. */
  readonly version?: string;
  /** Why there was no good answer. */
  readonly error?: string;
}

/** How much traffic at most, however long things take. */
export interface TrafficLimits {
  readonly perSecond: number;
  readonly maxRequests: number;
  readonly timeoutMs: number;
}

const LIMITS: TrafficLimits = { perSecond: 30, maxRequests: 60_000, timeoutMs: 5_000 };

/**
 * Sends inference requests through the gateway at a steady rate, whatever becomes of the earlier ones (open loop: a slow
 * server must not slow down those who ask it), and remembers every answer. Only to 127.0.0.1, and bounded.
 */
export class Traffic {
  readonly answers: Answer[] = [];
  readonly #url: URL;
  readonly #limits: TrafficLimits;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 128 });
  readonly #open = new Set<Promise<void>>();
  readonly #listeners = new Set<(answer: Answer) => void>();
  #timer: NodeJS.Timeout | undefined;
  #startedAt = 0;
  #sent = 0;
  #phase = '';

  constructor(url: string, limits: TrafficLimits = LIMITS) {
    this.#url = new URL(url);
    this.#limits = limits;
    if (!['127.0.0.1', 'localhost'].includes(this.#url.hostname))
      throw new Error(`no traffic to ${url}: not this machine`);
  }

  /** Requests sent so far. */
  get sent(): number {
    return this.#sent;
  }

  /** Starts to send; `phase` names what the demo does. */
  start(phase: string): void {
    this.#phase = phase;
    this.#startedAt = performance.now();
    // The number that is due follows from the time, so a late timer does not lower the rate.
    this.#timer = setInterval(() => this.#sendDue(), 1000 / this.#limits.perSecond);
  }

  /** Requests sent from now on belong to this phase. */
  phase(name: string): void {
    this.#phase = name;
  }

  /**
   * Resolves with the first answer from now on, or among those sent since `since`, for which `wanted` holds. Fails at the
   * deadline.
   */
  until(what: string, timeoutMs: number, since: number, wanted: (answer: Answer) => boolean): Promise<Answer> {
    const early = this.answers.find((answer) => answer.sentAt >= since && wanted(answer));
    if (early !== undefined) return Promise.resolve(early);
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        this.#listeners.delete(listener);
      };
      const listener = (answer: Answer): void => {
        if (answer.sentAt < since || !wanted(answer)) return;
        stop();
        resolve(answer);
      };
      const timer = setTimeout(() => {
        stop();
        const last = this.answers.slice(-5).map(({ status, version, error }) => `${version ?? '-'}:${status ?? error}`);
        reject(new Error(`waited ${timeoutMs / 1000} s for ${what}; the last answers were ${last.join(', ')}`));
      }, timeoutMs);
      this.#listeners.add(listener);
    });
  }

  /** Stops sending and waits for the answers that are still due. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#open);
    this.#agent.destroy();
  }

  #sendDue(): void {
    const elapsed = (performance.now() - this.#startedAt) / 1000;
    const due = Math.min(Math.floor(elapsed * this.#limits.perSecond), this.#limits.maxRequests);
    for (; this.#sent < due; this.#sent++) {
      const done = this.#send(this.#sent).then((answer) => {
        this.answers.push(answer);
        this.#open.delete(done);
        for (const listener of [...this.#listeners]) listener(answer);
      });
      this.#open.add(done);
    }
  }

  #send(index: number): Promise<Answer> {
    const body = JSON.stringify(payment(index));
    const begin = { phase: this.#phase, sentAt: performance.now() };
    return new Promise((resolve) => {
      const end = (rest: Partial<Answer>): void => resolve({ ...begin, answeredAt: performance.now(), ...rest });
      const outgoing = request(
        this.#url,
        { method: 'POST', agent: this.#agent, headers: { 'content-type': 'application/json' } },
        (response) => {
          const chunks: Buffer[] = [];
          const status = response.statusCode ?? 0;
          const version = response.headers['x-model-version'];
          const from = typeof version === 'string' ? { version } : {};
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', (error) => end({ ...from, error: error.message }));
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            end({ status, ...from, ...(status === 200 ? {} : { error: text.slice(0, 200) }) });
          });
        },
      );
      outgoing.setTimeout(this.#limits.timeoutMs, () =>
        outgoing.destroy(new Error(`no answer within ${this.#limits.timeoutMs} ms`)),
      );
      outgoing.on('error', (error) => end({ error: error.message }));
      outgoing.end(body);
    });
  }
}
