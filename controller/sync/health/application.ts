import type { KubeObject } from '../../kube/types.ts';
import { type Health, progressing } from './health.ts';
import { notObserved, textAt } from './read.ts';

const STATUSES: readonly string[] = ['Healthy', 'Suspended', 'Progressing', 'Missing', 'Degraded', 'Unknown'];

/** A child Application: what it says of itself, once it speaks of its current spec. */
export function applicationHealth(object: KubeObject): Health {
  const behind = notObserved(object);
  if (behind !== undefined) return progressing(behind);
  const status = textAt(object, 'status', 'health', 'status');
  const message = textAt(object, 'status', 'health', 'message');
  if (!STATUSES.includes(status)) return progressing('the Application has no health yet');
  return { status: status as Health['status'], ...(message !== '' && { message }) };
}
