import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Tally } from './history.ts';
import type { Chunk, ChunkResult } from './worker.ts';

/** Seeds that a thread takes at a time. */
const CHUNK = 250;

/** What many histories were made of, and the lowest seed that was found to go wrong. */
export interface Played {
  histories: number;
  tally: Tally;
  failed: number | undefined;
}

/** Plays the histories of seeds 1 to `count` in as many threads as there are processors, until one goes wrong. */
export async function playMany(count: number): Promise<Played> {
  const total: Played = {
    histories: 0,
    tally: { decisions: 0, writes: 0, crashes: 0, lost: 0, tested: 0, aborted: 0, promotions: 0 },
    failed: undefined,
  };
  let next = 1;
  const work = async (): Promise<void> => {
    // As it was bundled for this: a thread loads no TypeScript.
    const worker = new Worker(new URL('../../dist/test/simulate.js', import.meta.url));
    try {
      while (next <= count && total.failed === undefined) {
        const chunk: Chunk = { from: next, to: Math.min(count, next + CHUNK - 1) };
        next = chunk.to + 1;
        worker.postMessage(chunk);
        const [result] = (await once(worker, 'message')) as [ChunkResult];
        total.histories += result.histories;
        for (const key of Object.keys(total.tally) as (keyof Tally)[]) total.tally[key] += result.tally[key];
        if (result.failed !== undefined) total.failed = Math.min(result.failed, total.failed ?? result.failed);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return total;
}
