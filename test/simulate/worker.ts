import { parentPort } from 'node:worker_threads';
import { decideRollout } from '../../controller/rollout/decide.ts';
import { play, type Tally } from './history.ts';

/** Seeds to be played, both ends included. */
export interface Chunk {
  from: number;
  to: number;
}

/** What the histories of a chunk were made of, and the seed of the first that went wrong. */
export interface ChunkResult {
  tally: Tally;
  histories: number;
  failed?: number;
}

parentPort?.on('message', ({ from, to }: Chunk) => {
  const tally: Tally = { decisions: 0, writes: 0, crashes: 0, lost: 0, tested: 0, aborted: 0, promotions: 0 };
  let result: ChunkResult = { tally, histories: to - from + 1 };
  for (let seed = from; seed <= to; seed += 1) {
    const played = play(seed, decideRollout);
    if ('wrong' in played) {
      result = { tally, histories: seed - from, failed: seed };
      break;
    }
    for (const key of Object.keys(tally) as (keyof Tally)[]) tally[key] += played[key];
  }
  parentPort?.postMessage(result);
});
