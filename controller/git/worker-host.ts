import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { GitError } from './errors.ts';
import type { GitCall, GitResults, GitWorkerData, HostMessage, WorkerMessage } from './worker-protocol.ts';

export interface WorkerHostOptions {
  data: GitWorkerData;
  clock: Clock;
  logger: Logger;
  /** Heap of the worker in MiB; beyond it the worker dies and is replaced, and the controller lives on. */
  maxHeapMb: number;
  /** The worker's bundle; found by itself when absent. */
  script?: string;
}

interface Pending {
  resolve: (value: unknown) => void;
  reject: (error: GitError) => void;
}

/** How often a worker with work in hand is asked for a sign of life, and how long it may take to give one. */
const PING_MS = 10_000;
const SILENCE_MS = 60_000;

/**
 * Room for new objects in MiB. Node.js grows it to 48 before it collects them; what Git work makes lives so shortly that less
 * costs no measurable time.
 */
const MAX_YOUNG_MB = 8;

/** Owns the worker thread: starts it when there is work, replaces it when it dies or hangs, and fails what it had in hand. */
export class WorkerHost {
  readonly #options: WorkerHostOptions;
  readonly #pending = new Map<number, Pending>();
  #worker: Worker | undefined;
  #nextId = 1;
  #heardAt = 0;
  #stopWatching: (() => void) | undefined;
  #closed = false;

  constructor(options: WorkerHostOptions) {
    this.#options = options;
  }

  call<C extends GitCall>(call: C): Promise<GitResults[C['op']]> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(new GitError('GitWorkerFailed', 'Git access is shut down: the controller is stopping'));
        return;
      }
      const id = this.#nextId++;
      this.#pending.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.#worker ??= this.#start();
      this.#worker.ref();
      this.#watch();
      this.#post({ type: 'call', id, call });
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const worker = this.#worker;
    if (worker !== undefined) this.#lost(worker, 'the controller is stopping');
    await worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(this.#options.script ?? workerScript(), {
      workerData: this.#options.data,
      resourceLimits: { maxOldGenerationSizeMb: this.#options.maxHeapMb, maxYoungGenerationSizeMb: MAX_YOUNG_MB },
      env: {},
    });
    worker.on('message', (message: WorkerMessage) => this.#receive(worker, message));
    worker.on('error', (error) => this.#lost(worker, error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => this.#lost(worker, `it exited with code ${code}`));
    return worker;
  }

  #post(message: HostMessage): void {
    this.#worker?.postMessage(message);
  }

  #receive(worker: Worker, message: WorkerMessage): void {
    if (worker !== this.#worker) return;
    this.#heardAt = this.#options.clock.monotonic();
    if (message.type === 'pong') return;
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (this.#pending.size === 0) {
      worker.unref();
      this.#unwatch();
    }
    if (message.type === 'result') pending?.resolve(message.value);
    else pending?.reject(new GitError(message.error.code, message.error.message));
  }

  /** Forgets a worker that died or is to die. Its calls fail as retryable; the next call starts another one. */
  #lost(worker: Worker, why: string): void {
    if (worker !== this.#worker) return;
    this.#worker = undefined;
    this.#unwatch();
    const lost = [...this.#pending.values()];
    this.#pending.clear();
    if (!this.#closed)
      this.#options.logger.error({ why, calls: lost.length }, 'the Git worker was lost and will be replaced');
    for (const { reject } of lost) {
      reject(
        new GitError(
          'GitWorkerFailed',
          `the Git worker was lost (${why}): it is started again; raise the memory limit if this repeats`,
        ),
      );
    }
  }

  #watch(): void {
    if (this.#stopWatching !== undefined) return;
    const { clock } = this.#options;
    this.#heardAt = clock.monotonic();
    const check = (): void => {
      const worker = this.#worker;
      if (worker !== undefined && clock.monotonic() - this.#heardAt > SILENCE_MS) {
        this.#lost(worker, `it gave no sign of life for ${SILENCE_MS / 1000} s`);
        void worker.terminate();
        return;
      }
      this.#post({ type: 'ping' });
      this.#stopWatching = clock.after(PING_MS, check);
    };
    this.#stopWatching = clock.after(PING_MS, check);
  }

  #unwatch(): void {
    this.#stopWatching?.();
    this.#stopWatching = undefined;
  }
}

/** The bundle stands beside ours in dist/, one level up from the programs of e2e/, or in dist/ when sources are run. */
function workerScript(): string {
  for (const candidate of ['./git-worker.js', '../git-worker.js', '../../dist/git-worker.js']) {
    const file = fileURLToPath(new URL(candidate, import.meta.url));
    if (existsSync(file)) return file;
  }
  throw new Error('git-worker.js is missing beside the program: run npm run build');
}
