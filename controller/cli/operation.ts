import type { Application, ApplicationOperation } from '../api/generated/application.ts';
import { canonicalJson } from '../manifest/canonical.ts';
import { shortRevision } from '../sync/describe.ts';

/** How far a sync is that was asked for. Every text is one line. */
export type OperationStanding =
  | { type: 'coming'; said: string }
  | { type: 'done'; said: string }
  | { type: 'failed'; why: string }
  /** Another sync stands where its end should. */
  | { type: 'replaced'; why: string };

/**
 * Reads from the Application how far what was asked for is. The controller writes it into the status before it removes it from
 * the Application, so once it is gone from there the status speaks of it, or of what came after it.
 */
export function operationStanding(application: Application, asked: ApplicationOperation): OperationStanding {
  const { metadata, operation, status } = application;
  const { name } = metadata;
  if (operation !== undefined) {
    return same(operation, asked)
      ? { type: 'coming', said: `${name}: waiting for the controller to begin` }
      : { type: 'replaced', why: `somebody asked for another sync of application "${name}" at the same moment` };
  }
  const state = status?.operationState;
  if (state === undefined || !same(state.operation, asked)) {
    return { type: 'replaced', why: `another sync of application "${name}" has taken the place of this one` };
  }
  const { phase, message = '', revision, nextRetryAt } = state;
  switch (phase) {
    case 'Running':
      return { type: 'coming', said: `${name}: syncing to ${shown(revision)}: ${message}` };
    case 'Succeeded':
      return { type: 'done', said: `application "${name}" synced to ${shown(revision)}: ${message}` };
    case 'Failed': {
      const again = nextRetryAt === undefined ? '' : `; it is tried again at ${nextRetryAt}`;
      return { type: 'failed', why: `the sync of application "${name}" failed: ${message}${again}` };
    }
  }
}

/** A branch stays as it is called until its commit is known. */
function shown(revision: string): string {
  return /^[0-9a-f]{40}$/.test(revision) ? shortRevision(revision) : revision;
}

function same(a: ApplicationOperation | undefined, b: ApplicationOperation): boolean {
  return canonicalJson(a ?? null) === canonicalJson(b);
}
