import { describe, expect, it } from 'vitest';
import { decideRollout } from '../../controller/rollout/decide.ts';
import { runHistory, type Tally } from './history.ts';

/** SLIPWAY_SEED=n replays one history; SLIPWAY_HISTORIES=n runs that many. */
const only = process.env['SLIPWAY_SEED'];
const count = Number(process.env['SLIPWAY_HISTORIES'] ?? 10_000);

describe('random histories of one Rollout', () => {
  it(`keep the safety rules and come to rest (${only === undefined ? `${count} seeds` : `seed ${only}`})`, () => {
    const seeds = only === undefined ? Array.from({ length: count }, (_, i) => i + 1) : [Number(only)];
    const total: Tally = { decisions: 0, writes: 0, crashes: 0, tested: 0, aborted: 0, promotions: 0 };
    for (const seed of seeds) {
      const tally = runHistory(seed, decideRollout);
      for (const key of Object.keys(total) as (keyof Tally)[]) total[key] += tally[key];
    }
    console.info(`${seeds.length} histories: ${JSON.stringify(total)}`);
    expect(total.decisions).toBeGreaterThan(seeds.length);
  }, 600_000);
});
