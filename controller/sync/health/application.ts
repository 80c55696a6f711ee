import type { KubeObject } from '../../kube/types.ts';
import { type Finding, type HealthStatus, progressing } from './health.ts';
import { notObserved, textAt } from './read.ts';

const STATUSES: readonly string[] = ['Healthy', 'Suspended', 'Progressing', 'Missing', 'Degraded', 'Unknown'];

/** A child Application: what it says of itself, once it speaks of its current spec. */
export function applicationHealth(object: KubeObject): Finding {
  const behind = notObserved(object);
  if (behind !== undefined) return progressing(behind, 'generation');
  const status = textAt(object, 'status', 'health', 'status');
  if (!STATUSES.includes(status)) return progressing('the Application has no health yet', 'no-status');
  const message = textAt(object, 'status', 'health', 'message') || `it says of itself that it is ${status}`;
  return { status: status as HealthStatus, message, clause: 'reported' };
}
