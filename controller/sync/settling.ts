import type { ApplicationStatus } from '../api/generated/application.ts';

/**
 * How long a sync that went well is kept back at most, in milliseconds, while its objects become healthy: most do in a
 * moment, and one status that says both costs half of two.
 */
export const SETTLING_MS = 500;

/** Whether a sync has ended well and all that is missing is that its objects become healthy. */
export function isSettling({ operationState, sync, health }: ApplicationStatus): boolean {
  return operationState?.phase === 'Succeeded' && sync?.status === 'Synced' && health?.status === 'Progressing';
}
