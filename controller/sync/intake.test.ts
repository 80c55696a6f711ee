import fc from 'fast-check';
import fastJsonPatch from 'fast-json-patch';
import { describe, expect, it } from 'vitest';
import { application, NOW, REVISION, SETTLED } from '../../test/applications.ts';
import type { Application, ApplicationOperation, ApplicationStatus } from '../api/generated/application.ts';
import { nextIntake } from './intake.ts';
import { startedOperation } from './operation.ts';
import { hasBegun, requestedSync } from './requested.ts';

const SYNC: ApplicationOperation = { initiatedBy: { username: 'ana' }, sync: {} };
const HISTORY: NonNullable<ApplicationStatus['history']> = [
  { id: 3, revision: 'a'.repeat(40), deployedAt: 'x', source: { repoURL: 'http://git.test/old.git', path: 'old' } },
  { id: 4, revision: REVISION, deployedAt: 'x' },
];

function asking(operation: ApplicationOperation, spec: object = {}, status: ApplicationStatus = {}): Application {
  const app = application({ status: { ...SETTLED, history: HISTORY, ...status } });
  return { ...app, operation, spec: { ...app.spec, ...spec } };
}

/** The Application after a step, as the API server would have it. */
function step(app: Application, now = NOW): Application {
  const intake = nextIntake(app, now);
  const metadata = { ...app.metadata, resourceVersion: `${Number(app.metadata.resourceVersion) + 1}` };
  switch (intake.type) {
    case 'none':
      return app;
    case 'take':
    case 'refuse':
      return { ...app, metadata, status: intake.status };
    case 'remove': {
      expect(intake.patch[0]).toEqual({
        op: 'replace',
        path: '/metadata/resourceVersion',
        value: app.metadata.resourceVersion,
      });
      const patched = fastJsonPatch.applyPatch(structuredClone(app), [...intake.patch] as never).newDocument;
      return { ...(patched as Application), metadata };
    }
  }
}

describe('taking over what somebody asked for', () => {
  it('writes it into the status first, and removes it then', () => {
    const taken = step(asking(SYNC));
    expect(taken.operation).toEqual(SYNC);
    expect(taken.status?.operationState).toEqual({
      phase: 'Running',
      message: 'asked for by ana',
      revision: 'main',
      trigger: 'Requested',
      initiatedBy: { username: 'ana' },
      operation: SYNC,
      startedAt: '2026-01-01T00:00:00Z',
    });
    const removed = step(taken);
    expect([removed.operation, removed.spec, removed.status]).toEqual([undefined, taken.spec, taken.status]);
    expect(nextIntake(removed, NOW)).toEqual({ type: 'none' });
  });

  it('a rollback suspends in the write that removes it', () => {
    const rolled = step(step(asking({ ...SYNC, sync: undefined, rollback: { id: 3 } } as never)));
    expect(rolled.spec).toMatchObject({ suspend: true, suspendReason: 'rolled back to id 3 (aaaaaaa) by ana' });
    expect(rolled.status?.operationState).toMatchObject({ trigger: 'Rollback', revision: 'a'.repeat(40) });
    expect(requestedSync(rolled)?.source).toEqual({
      repoURL: 'http://git.test/old.git',
      path: 'old',
      targetRevision: 'a'.repeat(40),
    });
  });

  it('a rollback that a sync window forbids is refused, and suspends nothing', () => {
    const windows = { syncPolicy: { syncWindows: [{ kind: 'deny', schedule: '* * * * *', duration: '1h' }] } };
    const rolled = step(step(asking({ rollback: { id: 3 } }, windows as never)));
    expect([rolled.operation, rolled.spec.suspend]).toEqual([undefined, undefined]);
    expect(nextIntake(rolled, NOW)).toMatchObject({ type: 'refuse', status: { operationState: { phase: 'Failed' } } });
  });

  it.each([
    ['INC-42', 'rolled back to id 3 (aaaaaaa) by somebody; suspended before: INC-42'],
    ['rolled back to id 1 (bbbbbbb) by ana', 'rolled back to id 3 (aaaaaaa) by somebody'],
    ['x'.repeat(256), `rolled back to id 3 (aaaaaaa) by somebody; suspended before: ${'x'.repeat(192)}`],
  ])('a rollback of an Application that was suspended for %.20s keeps in mind why', (suspendReason, reason) => {
    const app = asking({ rollback: { id: 3 } }, { suspend: true, suspendReason });
    const { spec } = step(step(app));
    expect(spec.suspendReason?.slice(0, 120)).toBe(reason.slice(0, 120));
    expect(spec.suspendReason?.length).toBeLessThanOrEqual(256);
  });

  it.each<[string, Application, string]>([
    [
      'an id that is not there',
      asking({ rollback: { id: 9 } }),
      'status.history has no entry with id 9; choose one of 3, 4',
    ],
    [
      'an id, and no history',
      asking({ rollback: { id: 9 } }, {}, { history: [] }),
      'status.history has no entry with id 9; it is empty',
    ],
    [
      'another revision of what is synced by itself',
      asking({ sync: { revision: 'v1' } }),
      'operation.sync.revision v1 would at once be followed by main: set spec.suspend first, change spec.source.targetRevision, or use operation.rollback',
    ],
  ])('%s is refused, and changes nothing', (_, app, message) => {
    const refused = step(step(step(app)));
    expect(refused.status?.operationState).toMatchObject({ phase: 'Failed', message, finishedAt: expect.anything() });
    expect([refused.spec, refused.operation, requestedSync(refused)]).toEqual([app.spec, undefined, undefined]);
    expect(refused.status?.sync).toEqual(SETTLED.sync);
    // The same word again is a new request.
    expect(nextIntake({ ...refused, operation: app.operation } as Application, NOW).type).toBe('take');
  });

  it.each<[string, ApplicationOperation, object]>([
    ['the same revision', { sync: { revision: 'main' } }, {}],
    ['the commit that is synced', { sync: { revision: REVISION } }, {}],
    ['another revision of a suspended one', { sync: { revision: 'v1' } }, { suspend: true }],
    ['another revision of one that is synced by hand', { sync: { revision: 'v1' } }, { syncPolicy: {} }],
  ])('%s is not refused', (_, operation, spec) => {
    const taken = step(step(asking(operation, spec)));
    expect(nextIntake(taken, NOW).type).toBe('none');
    expect(requestedSync(taken)?.source.targetRevision).toBe(operation.sync?.revision);
  });

  it('a sync by itself that it interrupts is done afterwards, one that was done is not', () => {
    const running = { ...SETTLED.operationState, phase: 'Running' as const, revision: REVISION, startedAt: 'x' };
    expect(step(asking(SYNC, {}, { operationState: running })).status?.sync?.specHash).toBeUndefined();
    expect(step(asking(SYNC)).status?.sync?.specHash).toBe(SETTLED.sync?.specHash);
  });
});

describe('whoever dies at any moment, and whatever is asked meanwhile', () => {
  const WORDS: Record<string, ApplicationOperation> = {
    a: { initiatedBy: { username: 'a' }, sync: {} },
    b: { initiatedBy: { username: 'b' }, sync: { prune: true } },
  };
  type Move = 'a' | 'b' | 'look' | 'work';

  it('nothing is lost and nothing is done twice', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom<Move>('a', 'b', 'look', 'work', 'work')), (moves) => {
        let app = application({ status: SETTLED });
        // A process that remembers nothing acts on what it has read; the version decides whether that counts.
        let read = app;
        const asked = { a: 0, b: 0 };
        const begun = { a: 0, b: 0 };
        let [last, lastBegun]: (string | undefined)[] = [];
        const work = (): void => {
          if (read.metadata.resourceVersion !== app.metadata.resourceVersion) return;
          const next = step(app);
          if (next !== app) {
            app = next;
            return;
          }
          const state = app.status?.operationState;
          if (requestedSync(app) === undefined || state === undefined) return;
          const metadata = { ...app.metadata, resourceVersion: `${Number(app.metadata.resourceVersion) + 1}` };
          if (!hasBegun(app)) {
            const word = state.initiatedBy?.username as 'a' | 'b';
            begun[word] += 1;
            lastBegun = word;
            expect(begun[word]).toBeLessThanOrEqual(asked[word]);
            const operationState = startedOperation(app, REVISION, { type: 'off' }, NOW);
            app = { ...app, metadata, status: { ...app.status, operationState } };
          } else
            app = { ...app, metadata, status: { ...app.status, operationState: { ...state, phase: 'Succeeded' } } };
        };
        for (const move of moves) {
          if (move === 'look') read = app;
          else if (move === 'work') work();
          else {
            asked[move] += 1;
            last = move;
            const metadata = { ...app.metadata, resourceVersion: `${Number(app.metadata.resourceVersion) + 1}` };
            app = { ...app, metadata, operation: WORDS[move] as ApplicationOperation };
          }
        }
        for (let i = 0; i < 10; i++) {
          read = app;
          work();
        }
        expect(lastBegun).toBe(last);
        expect([app.operation, requestedSync(app)]).toEqual([undefined, undefined]);
      }),
      { numRuns: 2000 },
    );
  });
});
