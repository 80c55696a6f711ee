import { SlipwayError } from '../../platform/errors.ts';
import { diffObjects } from '../../sync/local-diff/diff-objects.ts';
import { pairObjects } from '../../sync/local-diff/pair-objects.ts';
import type { LocalIo } from '../cli.ts';
import { readObjects } from '../read-objects.ts';
import { comparedObject, renderDifferences } from '../render/differences.ts';

/** Files with the objects as Git has them, and as the cluster does. */
export interface DiffFiles {
  desired: string;
  live: string;
}

/**
 * `diff --desired FILE --live FILE`: what we would call different, without a cluster. Returns whether all is the same. Throws
 * what {@link readObjects} does, and SlipwayError `InputAmbiguous`.
 */
export async function diff(io: LocalIo, files: DiffFiles, format: 'text' | 'json'): Promise<boolean> {
  if (files.desired === '-' && files.live === '-') {
    throw new SlipwayError('InputAmbiguous', '--desired and --live cannot both be standard input: name a file for one');
  }
  const desired = await readObjects(io, files.desired);
  const pairing = pairObjects(desired, await readObjects(io, files.live));
  if (!pairing.ok) throw new SlipwayError('InputAmbiguous', pairing.problem);
  const compared = [
    ...pairing.pairs.map((pair) => {
      if (pair.live === undefined) return comparedObject(pair.desired, 'missing');
      const differences = diffObjects(pair.desired, pair.live);
      return comparedObject(pair.live, differences.length === 0 ? 'same' : 'different', differences);
    }),
    ...pairing.leftovers.map((object) => comparedObject(object, 'leftover')),
  ];
  if (format === 'json') for (const one of compared) io.print(JSON.stringify(one));
  else io.print(renderDifferences(compared, io.paint));
  return compared.every(({ state }) => state === 'same');
}
