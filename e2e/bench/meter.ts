import { readFileSync, writeFileSync } from 'node:fs';
import { ClusterError, describe } from '../cluster/errors.ts';
import { http } from '../cluster/http.ts';
import { parseMetrics, type Sample, sumBy, valueOfMetric } from './metrics.ts';

/** What the controller did in a span of time. */
export interface Measurement {
  readonly seconds: number;
  /** Requests to the API server by verb, retries counted. */
  readonly requests: Readonly<Record<string, number>>;
  /** Folders of Git that were read and parsed because their content had changed. */
  readonly rendered: number;
  /** Processor time of all threads, user and system. */
  readonly cpuSeconds: number;
  readonly peakRssMiB: number;
  /** How late the event loop of the main thread ran timers, in milliseconds. */
  readonly eventLoopP99Ms: number;
  readonly eventLoopMaxMs: number;
}

export type Since = 'now' | 'since its start';

/** Clock ticks per second in /proc; fixed by Linux for user space. */
const TICKS = 100;
const REQUESTS = 'slipway_kube_requests_total';

/** Measures a process from outside: by its metrics and by what the kernel counts. */
export class Meter {
  readonly #pid: number;
  readonly #url: string;
  readonly #started = performance.now();
  readonly #ticks: number;
  readonly #before: readonly Sample[];

  private constructor(pid: number, url: string, ticks: number, before: readonly Sample[]) {
    this.#pid = pid;
    this.#url = url;
    this.#ticks = ticks;
    this.#before = before;
  }

  /**
   * Begins a span now, or at the start of the process. The event-loop metrics of prom-client speak of the time since they
   * were last read.
   */
  static async start(pid: number, metricsUrl: string, since: Since = 'now'): Promise<Meter> {
    if (since === 'since its start') return new Meter(pid, metricsUrl, 0, []);
    const before = await scrape(metricsUrl);
    resetPeak(pid);
    return new Meter(pid, metricsUrl, cpuTicks(pid), before);
  }

  /** Requests so far that are not about leading. */
  async requestsExceptLeases(): Promise<number> {
    const byResource = sumBy(await scrape(this.#url), REQUESTS, 'resource');
    byResource.delete('leases');
    return [...byResource.values()].reduce((sum, count) => sum + count, 0);
  }

  /** @param seconds how long what was measured took, when that is not the whole span */
  async stop(seconds?: number): Promise<Measurement> {
    const elapsed = (performance.now() - this.#started) / 1000;
    const cpuSeconds = (cpuTicks(this.#pid) - this.#ticks) / TICKS;
    const after = await scrape(this.#url);
    const before = sumBy(this.#before, REQUESTS, 'verb');
    const requests: Record<string, number> = {};
    for (const [verb, count] of sumBy(after, REQUESTS, 'verb')) {
      const sent = count - (before.get(verb) ?? 0);
      if (sent > 0) requests[verb] = sent;
    }
    const renders = 'slipway_source_renders_total';
    return {
      seconds: seconds ?? elapsed,
      requests,
      rendered: valueOfMetric(after, renders) - valueOfMetric(this.#before, renders),
      cpuSeconds,
      peakRssMiB: Math.round(statusKiB(this.#pid, 'VmHWM') / 1024),
      eventLoopP99Ms: 1000 * valueOfMetric(after, 'nodejs_eventloop_lag_p99_seconds'),
      eventLoopMaxMs: 1000 * valueOfMetric(after, 'nodejs_eventloop_lag_max_seconds'),
    };
  }
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

function cpuTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name, in parentheses, may hold spaces. After it utime is the 12th field and stime the 13th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
