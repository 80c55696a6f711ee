import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { application, NOW, REVISION } from '../../test/applications.ts';
import { timestamp } from '../api/conditions.ts';
import type { Application, ApplicationStatus, ApplicationStatusOperationState } from '../api/generated/application.ts';
import { nextHistory } from './history.ts';

const DONE: ApplicationStatusOperationState = {
  phase: 'Succeeded',
  revision: REVISION,
  startedAt: timestamp(NOW - 5000),
  finishedAt: timestamp(NOW),
  initiatedBy: { automated: true },
};
const RUNNING = { ...DONE, phase: 'Running' as const };

/** An Application in the middle of a sync. */
function syncing(history: ApplicationStatus['history'], limit?: number, path = '.'): Application {
  const app = application({ path, status: { operationState: RUNNING, ...(history && { history }) } });
  return limit === undefined ? app : { ...app, spec: { ...app.spec, revisionHistoryLimit: limit } };
}

const ids = (history: ApplicationStatus['history']): number[] => (history ?? []).map(({ id }) => id);

describe('history', () => {
  it('has what one needs to go back', () => {
    expect(nextHistory(syncing(undefined), DONE, NOW)).toEqual([
      {
        id: 0,
        revision: REVISION,
        deployStartedAt: '2025-12-31T23:59:55Z',
        deployedAt: '2026-01-01T00:00:00Z',
        source: { repoURL: 'http://git.test/repo.git', path: '.', targetRevision: 'main' },
        initiatedBy: { automated: true },
      },
    ]);
  });

  it.each<[string, Application, ApplicationStatusOperationState, number[]]>([
    ['another revision', syncing([{ id: 4, revision: 'older', deployedAt: 'x' }]), DONE, [4, 5]],
    ['the same revision', syncing([{ id: 4, revision: REVISION, deployedAt: 'x' }]), DONE, [4]],
    ['a sync that goes on', syncing([{ id: 4, revision: 'older', deployedAt: 'x' }]), RUNNING, [4]],
    ['a sync that failed', syncing([{ id: 4, revision: 'older', deployedAt: 'x' }]), { ...DONE, phase: 'Failed' }, [4]],
    ['another path of the same revision', syncing(nextHistory(syncing([]), DONE, NOW), 10, 'b'), DONE, [0, 1]],
    [
      'a limit of 2',
      syncing(
        [1, 2, 3].map((id) => ({ id, revision: `${id}`, deployedAt: 'x' })),
        2,
      ),
      DONE,
      [3, 4],
    ],
    ['none wanted', syncing([{ id: 4, revision: 'older', deployedAt: 'x' }], 0), DONE, []],
    [
      'a lower limit',
      syncing(
        [1, 2, 3].map((id) => ({ id, revision: `${id}`, deployedAt: 'x' })),
        1,
      ),
      RUNNING,
      [3],
    ],
  ])('%s', (_, app, operation, wanted) => {
    expect(ids(nextHistory(app, operation, NOW))).toEqual(wanted);
  });

  it('does not take a change of the spec after the sync for a sync', () => {
    const app = syncing(nextHistory(syncing([]), DONE, NOW), 10, 'b');
    const after = { ...app, status: { ...app.status, operationState: DONE } };
    expect(ids(nextHistory(after, DONE, NOW))).toEqual([0]);
  });

  it('numbers rise, and the limit holds, whatever is synced', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c')), fc.integer({ min: 1, max: 50 }), (revisions, limit) => {
        let history: ApplicationStatus['history'];
        for (const revision of revisions) {
          const next = nextHistory(syncing(history, limit), { ...DONE, revision }, NOW);
          expect(next?.at(-1)?.revision).toBe(revision);
          expect(next?.length).toBeLessThanOrEqual(limit);
          expect(ids(next)).toEqual(ids(next).map((_, i) => (next?.at(0)?.id ?? 0) + i));
          expect(next?.at(-1)?.id).toBeGreaterThanOrEqual(history?.at(-1)?.id ?? 0);
          history = next;
        }
      }),
    );
  });
});
