import { type Failure, play } from './history.ts';
import type { Decide } from './reconciler.ts';
import { formatPath, type Path, SIMPLER, type Simpler, wholePath } from './script.ts';

/** Histories that are played to shrink one. */
const MAX_TRIES = 1500;

/** The shortest way that was found to break the same rule. */
export interface Shrunk extends Failure {
  path: Path;
}

/**
 * Leaves out of a history that goes wrong whatever is not needed for it to go wrong in the same way: happenings, in halves,
 * quarters and at last one by one, what goes wrong within them, and what makes the Rollout complicated. Undefined when the
 * history of the seed does not go wrong.
 */
export function shrink(seed: number, decide: Decide, from: Path = wholePath(seed)): Shrunk | undefined {
  const first = play(seed, decide, from);
  if (!('wrong' in first)) return undefined;
  const rule = ruleOf(first.wrong);
  let best: Shrunk = { ...first, path: from };
  let tries = 0;
  /** Whether it still goes wrong on this path; then it is the best. */
  const holds = (path: Path): boolean => {
    tries += 1;
    const result = tries > MAX_TRIES ? undefined : play(seed, decide, path);
    if (result === undefined || !('wrong' in result) || ruleOf(result.wrong) !== rule) return false;
    best = { ...result, path };
    return true;
  };

  for (let before = Number.POSITIVE_INFINITY; sizeOf(best.path) < before && tries < MAX_TRIES; ) {
    before = sizeOf(best.path);
    for (const name of Object.keys(SIMPLER) as Simpler[]) {
      if (!best.path.simpler.includes(name)) holds({ ...best.path, simpler: [...best.path.simpler, name] });
    }
    for (let size = Math.ceil(best.path.kept.length / 2); size >= 1; size = Math.floor(size / 2)) {
      for (let at = best.path.kept.length - size; at >= 0; at -= size) {
        const { kept } = best.path;
        holds({ ...best.path, kept: [...kept.slice(0, at), ...kept.slice(at + size)] });
      }
    }
    for (let at = 0; at < best.path.kept.length; at += 1) {
      const { kept } = best.path;
      if (kept[at]?.quiet === false) {
        holds({ ...best.path, kept: kept.map((one, i) => (i === at ? { ...one, quiet: true } : one)) });
      }
    }
  }
  return best;
}

/** What a person who looks for the mistake needs. */
export function report(seed: number, { path, story }: Shrunk): string {
  return `${story}\n\nReplay: SLIPWAY_SEED=${seed} SLIPWAY_PATH=${formatPath(path)} npx vitest run --project unit test/simulate/history`;
}

/** Fewer happenings, then more that go quietly, then a simpler Rollout. */
function sizeOf({ kept, simpler }: Path): number {
  return 10_000 * kept.length + 100 * kept.filter(({ quiet }) => !quiet).length - simpler.length;
}

/** The rule that was broken, without the numbers, names and objects of this history. */
function ruleOf(wrong: string): string {
  return wrong
    .replace(/\{.*/s, '')
    .replace(/\b(fraud-)?[a-z0-9]{10}\b/g, '…')
    .replace(/\d+/g, '#');
}
