import { describe, expect, it } from 'vitest';
import { application, idNamed, leftover, NOW, paired, REVISION, SETTLED, snapshot } from '../../test/applications.ts';
import type { Application, ApplicationOperation, ApplicationStatus } from '../api/generated/application.ts';
import { nextHistory } from './history.ts';
import { startedOperation } from './operation.ts';
import { planSync, syncMode } from './plan.ts';
import { planPrune } from './prune.ts';
import { asRequested, requestedSync, takenOperation, unmatched } from './requested.ts';
import { inScope } from './scope.ts';
import { decideHeal } from './self-heal.ts';
import { statusAtStart } from './status.ts';
import type { Verdict } from './verdict.ts';

const DIFFERS: Verdict = { state: 'differs', message: 'differs at data' };
const SYNCED: Verdict = { state: 'synced' };

/** An Application in the state in which a request was taken over; `automated` as in the spec, null for by hand. */
function taken(operation: ApplicationOperation, automated: object | null = null): Application {
  const app = application({ automated, status: SETTLED });
  return { ...app, status: { ...app.status, operationState: takenOperation(app, operation, '2026-01-01T00:00:00Z') } };
}

/** The same after it has begun. */
function begun(operation: ApplicationOperation, automated: object | null = null): Application {
  const app = asRequested(taken(operation, automated));
  return { ...app, status: statusAtStart(snapshot({ application: app }), 'start', NOW) };
}

function ended(app: Application, changes: Partial<NonNullable<ApplicationStatus['operationState']>>): Application {
  const state = app.status?.operationState;
  return { ...app, status: { ...app.status, ...(state && { operationState: { ...state, ...changes } }) } };
}

const ONLY_A: ApplicationOperation = { sync: { resources: [{ kind: 'ConfigMap', name: 'a' }], prune: true } };

describe('a sync that somebody asks for', () => {
  it.each([
    ['by hand', null],
    ['by itself', {}],
    ['suspended', { enabled: false }],
  ])('starts and goes on, though the Application is synced %s', (_, automated) => {
    expect(syncMode(taken({ sync: {} }, automated), REVISION)).toBe('start');
    expect(syncMode(begun({ sync: {} }, automated), REVISION)).toBe('continue');
    expect(syncMode(begun({ sync: {} }, automated), 'newer')).toBe('start');
    expect(syncMode(ended(begun({ sync: {} }, automated), { phase: 'Succeeded' }), REVISION)).toBe('compare');
  });

  it('applies what differs and nothing else, and is a sync also when nothing differs', () => {
    const objects = [paired(idNamed('a'), DIFFERS), paired(idNamed('b'), SYNCED)];
    const plan = planSync(snapshot({ application: taken({ sync: {} }), objects }), NOW);
    expect(plan).toMatchObject({ mode: 'start', apply: [[{ desired: { id: { name: 'a' } } }]], compare: [] });
    const same = snapshot({ application: taken({ sync: {} }), objects: [paired(idNamed('b'), SYNCED)] });
    expect(planSync(same, NOW)).toMatchObject({ mode: 'start', apply: [] });
  });

  it('keeps who asked and why through its life', () => {
    const operation = { initiatedBy: { username: 'ana' }, sync: {} };
    expect(startedOperation(taken(operation), REVISION, { type: 'off' }, NOW)).toMatchObject({
      phase: 'Running',
      revision: REVISION,
      trigger: 'Requested',
      initiatedBy: { username: 'ana' },
      operation,
      startedAt: '2026-01-01T00:00:00Z',
    });
  });

  it.each<[string, ApplicationOperation, object | null, boolean]>([
    ['as it says', { sync: { prune: true } }, null, true],
    ['as it says, against the policy', { sync: { prune: false } }, { prune: true }, false],
    ['as the policy says', { sync: {} }, { prune: true, enabled: false }, true],
    ['not by hand', { sync: {} }, null, false],
    ['with a rollback', { rollback: { id: 0, prune: true } }, null, true],
  ])('prunes %s', (_, operation, automated, prunes) => {
    const plan = planPrune(begun(operation, automated), 'start', [leftover(idNamed('gone'))], [SYNCED], true);
    expect(plan.type).toBe(prunes ? 'delete' : 'off');
  });

  it('does not delete everything either', () => {
    const app = begun({ sync: { prune: true } });
    expect(planPrune(app, 'start', [leftover(idNamed('gone'))], [], true)).toEqual({ type: 'emptyRefused' });
  });

  it('that failed for good is out of the way of syncs by themselves and of healing', () => {
    const failed = ended(taken({ sync: {} }, { selfHeal: true }), { phase: 'Failed' });
    expect(requestedSync(failed)).toBeUndefined();
    // What was seen before is still seen.
    expect(syncMode(failed, REVISION)).toBe('compare');
    expect(decideHeal(failed, NOW)).toEqual({ type: 'now', attempt: 1 });
    const waiting = ended(begun({ sync: {} }), { phase: 'Failed', nextRetryAt: '2026-01-01T00:00:05Z' });
    expect(syncMode(waiting, REVISION)).toBe('continue');
  });
});

describe('a sync of some objects', () => {
  const objects = [paired(idNamed('a'), DIFFERS), paired(idNamed('b'), DIFFERS), paired(idNamed('c'))];
  const leftovers = [leftover(idNamed('a', 'Secret')), leftover(idNamed('old'))];
  const shot = snapshot({ application: taken(ONLY_A), objects, leftovers });

  it('applies only these; the others are looked at as ever', () => {
    const plan = planSync(shot, NOW);
    expect(plan.apply.flat().map(({ desired }) => desired.id.name)).toEqual(['a']);
    expect(plan.compare.map(({ desired }) => desired.id.name)).toEqual(['c']);
    const part = inScope(shot);
    expect([part.objects.length, part.leftovers.length]).toEqual([1, 0]);
    expect(inScope(snapshot({ objects })).objects).toHaveLength(3);
  });

  it('prunes the one that it names, though Git has nothing left', () => {
    const named = { sync: { resources: [{ kind: 'ConfigMap', name: 'old' }], prune: true } };
    const part = inScope({ ...shot, application: begun(named), objects: [] });
    expect(planPrune(begun(named), 'start', part.leftovers, [], true)).toMatchObject({
      type: 'delete',
      stages: [[{ id: { name: 'old' } }]],
    });
  });

  it('is no entry of the history', () => {
    const app = begun(ONLY_A);
    const done = { ...app.status?.operationState, phase: 'Succeeded' as const } as never;
    expect(nextHistory(app, done, NOW)).toBeUndefined();
    expect(
      nextHistory(
        begun({ sync: {} }),
        { ...begun({ sync: {} }).status?.operationState, phase: 'Succeeded' } as never,
        NOW,
      ),
    ).toHaveLength(1);
  });

  it.each([
    [{ kind: 'ConfigMap', name: 'a' }, undefined],
    [{ group: '', kind: 'ConfigMap', namespace: 'team', name: 'a' }, undefined],
    [{ kind: 'ConfigMap', namespace: 'other', name: 'a' }, 'ConfigMap other/a'],
    [{ group: 'apps', kind: 'ConfigMap', name: 'a' }, 'ConfigMap.apps a'],
    [{ kind: 'ConfigMap', name: 'z' }, 'ConfigMap z'],
  ])('%o', (reference, missing) => {
    const requested = requestedSync(taken({ sync: { resources: [reference] } }));
    expect(unmatched(requested, [idNamed('a')])).toBe(
      missing && `operation.sync.resources[0]: the Application has no ${missing}`,
    );
  });
});
