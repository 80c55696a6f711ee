import { describe, expect, it } from 'vitest';
import { decideRollout } from '../../controller/rollout/decide.ts';
import { play } from './history.ts';
import { playMany } from './many-histories.ts';
import { parsePath, scriptOf, wholePath } from './script.ts';
import { report, shrink } from './shrink.ts';

/** SLIPWAY_SEED=n replays one history, with SLIPWAY_PATH the part of it that a report names; SLIPWAY_HISTORIES=n plays that many. */
const seed = process.env['SLIPWAY_SEED'];
const path = process.env['SLIPWAY_PATH'];
const count = Number(process.env['SLIPWAY_HISTORIES'] ?? 100_000);

/** Throws the story of a history that goes wrong, as short as it can be made. */
function tell(failed: number, from = wholePath(failed)): void {
  const shrunk = shrink(failed, decideRollout, from);
  if (shrunk !== undefined) throw new Error(`seed ${failed}: ${shrunk.wrong}\n\n${report(failed, shrunk)}`);
}

describe('random histories of one Rollout', () => {
  it.runIf(seed === undefined)(
    `keep the safety rules and come to rest (seeds 1 to ${count})`,
    async () => {
      const { histories, tally, failed } = await playMany(count);
      console.info(`${histories} histories, seeds 1 to ${count}: ${JSON.stringify(tally)}`);
      if (failed !== undefined) tell(failed);
      expect(failed).toBeUndefined();
      expect(histories).toBe(count);
      // Histories in which nothing happens would keep every rule.
      for (const what of Object.values(tally)) expect(what).toBeGreaterThan(count / 1000);
    },
    3_600_000,
  );

  it.runIf(seed !== undefined)(`keep the safety rules with seed ${seed}`, () => {
    tell(Number(seed), path === undefined ? undefined : parsePath(path));
  });

  it('are the same for the same seed', () => {
    expect(scriptOf(7)).toEqual(scriptOf(7));
    for (const one of [7, 8, 9]) expect(play(one, decideRollout)).toEqual(play(one, decideRollout));
  });
});
