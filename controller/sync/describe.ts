import { describeId, type ObjectId } from '../manifest/identity.ts';
import type { Verdict } from './verdict.ts';

const MAX_LISTED = 5;

/** `a, b, c and 7 more`. */
export function listed(items: readonly string[]): string {
  if (items.length <= MAX_LISTED) return items.join(', ');
  return `${items.slice(0, MAX_LISTED).join(', ')} and ${items.length - MAX_LISTED} more`;
}

/** `1 object`, `2 objects`. */
export function counted(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

export function shortRevision(revision: string): string {
  return revision.slice(0, 7);
}

/** What is wrong with an object, in words; undefined when nothing is. */
export function complaintOf(verdict: Verdict): string | undefined {
  switch (verdict.state) {
    case 'synced':
    case 'unseen':
      return undefined;
    case 'owned':
      return `belongs to Application ${verdict.by}, which had it first; remove it from one of the two Git paths (${verdict.where})`;
    case 'differs':
    case 'waiting':
    case 'failed':
      return verdict.message;
  }
}

/** `Deployment prod/web: <what is wrong>`. */
export function complaintAbout(id: ObjectId, verdict: Verdict): string {
  return `${describeId(id)}: ${complaintOf(verdict) ?? verdict.state}`;
}
