import { describeId } from '../manifest/identity.ts';
import type { DesiredSet } from './desired.ts';
import type { SourceFailure } from './source/state.ts';

/** Why nothing of a revision is applied though each of its files could be read: the first object that makes no sense. */
export function contentFailure({
  duplicates,
  problems,
}: Pick<DesiredSet, 'duplicates' | 'problems'>): SourceFailure | undefined {
  const [duplicate] = duplicates;
  if (duplicate !== undefined) {
    const { id, where } = duplicate;
    const message = `${describeId(id)} stands in ${where[0]} and in ${where[1]}: remove one of them`;
    return { code: 'ManifestDuplicate', message, retryable: false };
  }
  const [problem] = problems;
  return problem === undefined ? undefined : { code: 'ManifestInvalid', message: problem, retryable: false };
}
