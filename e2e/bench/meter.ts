import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { ClusterError, describe } from '../cluster/errors.ts';
import { http } from '../cluster/http.ts';
import { cpuSeconds, othersCpu } from './cpu.ts';
import { parseMetrics, type Sample, sumBy, valueOfMetric } from './metrics.ts';

/** What the controller did in a span of time. */
export interface Measurement {
  readonly seconds: number;
  /** Requests to the API server by verb, retries counted. */
  readonly requests: Readonly<Record<string, number>>;
  /** The same by resource. */
  readonly requestsByResource: Readonly<Record<string, number>>;
  /** Folders of Git that were read and parsed because their content had changed. */
  readonly rendered: number;
  /** Processor time of all threads, user and system. */
  readonly cpuSeconds: number;
  /** The same of other processes on the machine, by their names. */
  readonly cpuSecondsOfOthers: Readonly<Record<string, number>>;
  readonly peakRssMiB: number;
  /** How late the event loop of the main thread ran timers, in milliseconds. */
  readonly eventLoopP99Ms: number;
  readonly eventLoopMaxMs: number;
}

export type Since = 'now' | 'since its start';

/** What is measured. */
export interface MeteredProcess {
  readonly pid: number;
  readonly metricsUrl: string;
  /** Folder of the cluster, for the processes of its control plane. */
  readonly stateDir: string;
}

/** A controller that has done nothing for so long has nothing to do. */
const QUIET_MS = 3000;
const TIMEOUT_MS = 600_000;
const REQUESTS = 'slipway_kube_requests_total';
const RECONCILES = 'slipway_reconciles_total';
const RENDERS = 'slipway_source_renders_total';

/** Measures a process from outside: by its metrics and by what the kernel counts. */
export class Meter {
  readonly #of: MeteredProcess;
  readonly #started = performance.now();
  readonly #cpu: number;
  readonly #others = new Map<string, number>();
  readonly #before: readonly Sample[];
  #loop = { p99: 0, max: 0 };

  private constructor(of: MeteredProcess, cpu: number, before: readonly Sample[]) {
    this.#of = of;
    this.#cpu = cpu;
    this.#before = before;
    for (const [name, used] of Object.entries(othersCpu(of.stateDir))) this.#others.set(name, used);
  }

  /**
   * Begins a span now, or at the start of the process. The event-loop metrics of prom-client speak of the time since they
   * were last read.
   */
  static async start(of: MeteredProcess, since: Since = 'now'): Promise<Meter> {
    if (since === 'since its start') return new Meter(of, 0, []);
    const before = await scrape(of.metricsUrl);
    resetPeak(of.pid);
    return new Meter(of, cpuSeconds(of.pid), before);
  }

  /**
   * Resolves when the process has had nothing to do for a while, with the time of the last that it did in milliseconds of
   * `performance.now()`, as far as looks every half second tell. What leading asks does not count.
   */
  async quiet(): Promise<number> {
    let seen = { done: -1, at: performance.now() };
    const deadline = seen.at + TIMEOUT_MS;
    while (performance.now() - seen.at < QUIET_MS) {
      const done = await this.#done();
      if (done > seen.done) seen = { done, at: performance.now() };
      if (performance.now() > deadline)
        throw new ClusterError(`the controller is still busy after ${TIMEOUT_MS / 1000} s`);
      await delay(500);
    }
    return seen.at;
  }

  /** Resolves when the process has asked for something since its start, with the time of that. */
  async busy(): Promise<number> {
    const deadline = performance.now() + TIMEOUT_MS;
    while ((await this.#asked()) === 0) {
      if (performance.now() > deadline)
        throw new ClusterError(`the controller asks nothing for ${TIMEOUT_MS / 1000} s`);
      await delay(200);
    }
    return performance.now();
  }

  /**
   * Ends the span. What the controller still does about it, after what was waited for, counts too: everything but the
   * delay of the event loop, which is that of the time until now.
   *
   * @param seconds how long what was measured took, when that is not the whole span
   */
  async stop(seconds?: number): Promise<Measurement> {
    const elapsed = (performance.now() - this.#started) / 1000;
    await this.#scrape();
    const loop = this.#loop;
    await this.quiet();
    const after = await this.#scrape();
    const { pid, stateDir } = this.#of;
    return {
      seconds: seconds ?? elapsed,
      requests: this.#requests(after, 'verb'),
      requestsByResource: this.#requests(after, 'resource'),
      rendered: valueOfMetric(after, RENDERS) - valueOfMetric(this.#before, RENDERS),
      cpuSeconds: cpuSeconds(pid) - this.#cpu,
      cpuSecondsOfOthers: this.#cpuOfOthers(stateDir),
      peakRssMiB: Math.round(statusKiB(pid, 'VmHWM') / 1024),
      eventLoopP99Ms: 1000 * loop.p99,
      eventLoopMaxMs: 1000 * loop.max,
    };
  }

  /** Requests so far that are not about leading. */
  async #asked(): Promise<number> {
    return asked(await this.#scrape());
  }

  /** A number that grows with whatever is done: requests, reconciles, folders that are read. */
  async #done(): Promise<number> {
    const samples = await this.#scrape();
    return asked(samples) + valueOfMetric(samples, RECONCILES) + valueOfMetric(samples, RENDERS);
  }

  #requests(after: readonly Sample[], label: string): Record<string, number> {
    const before = sumBy(this.#before, REQUESTS, label);
    const sent = [...sumBy(after, REQUESTS, label)].map(([name, count]) => [name, count - (before.get(name) ?? 0)]);
    return Object.fromEntries(sent.filter(([, count]) => Number(count) > 0));
  }

  #cpuOfOthers(stateDir: string): Record<string, number> {
    const used = Object.entries(othersCpu(stateDir));
    return Object.fromEntries(used.map(([name, seconds]) => [name, seconds - (this.#others.get(name) ?? 0)]));
  }

  /** The delays of the event loop are those since the last time: of several spans the worst counts. */
  async #scrape(): Promise<Sample[]> {
    const samples = await scrape(this.#of.metricsUrl);
    this.#loop = {
      p99: Math.max(this.#loop.p99, valueOfMetric(samples, 'nodejs_eventloop_lag_p99_seconds')),
      max: Math.max(this.#loop.max, valueOfMetric(samples, 'nodejs_eventloop_lag_max_seconds')),
    };
    return samples;
  }
}

function asked(samples: readonly Sample[]): number {
  const byResource = sumBy(samples, REQUESTS, 'resource');
  byResource.delete('leases');
  return [...byResource.values()].reduce((sum, count) => sum + count, 0);
}

async function scrape(url: string): Promise<Sample[]> {
  const answer = await http(url);
  if (answer.status !== 200) throw new ClusterError(`${url} answered ${answer.status}`);
  return parseMetrics(answer.body.toString());
}

/** Resident memory is given as the highest value since this. */
function resetPeak(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch (error) {
    console.error(`peak memory is that since the start of the controller (${describe(error)})`);
  }
}

function statusKiB(pid: number, field: string): number {
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}
