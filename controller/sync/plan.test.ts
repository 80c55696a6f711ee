import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  application,
  idNamed,
  leftover,
  liveObject,
  NOW,
  paired,
  present,
  REVISION,
  record,
  SETTLED,
  snapshot,
} from '../../test/applications.ts';
import { timestamp } from '../api/conditions.ts';
import type { Application, ApplicationStatus, ApplicationStatusOperationState } from '../api/generated/application.ts';
import { doubtsAbout, planSync, syncMode, verdictOf } from './plan.ts';
import type { PairedObject } from './snapshot.ts';
import type { Verdict } from './verdict.ts';

const SYNCED: Verdict = { state: 'synced' };
const DIFFERS: Verdict = { state: 'differs', message: 'differs at data' };
const FAILED: Verdict = { state: 'failed', reason: 'ApplyFailed', message: 'no', permanent: false };
const changedInGit = (object: PairedObject): PairedObject => ({
  ...object,
  desired: { ...object.desired, digest: 'new' },
  fingerprint: 'new',
});
const names = (objects: readonly PairedObject[]): string[] => objects.map(({ desired }) => desired.id.name);

describe('whether a revision is applied', () => {
  const settled = (changes: Partial<ApplicationStatus>): Application =>
    application({ status: { ...SETTLED, ...changes } });
  const operation = SETTLED.operationState as NonNullable<ApplicationStatus['operationState']>;

  it.each<[string, Application, 'compare' | 'start' | 'continue']>([
    ['a new Application', application(), 'start'],
    ['not by itself', application({ automated: null }), 'compare'],
    ['done already', application({ status: SETTLED }), 'compare'],
    ['a new revision', settled({ sync: { status: 'Synced', revision: 'older' } }), 'start'],
    ['a spec that wants the same', application({ generation: 2, status: SETTLED }), 'compare'],
    ['a new spec', application({ path: 'other', status: SETTLED }), 'start'],
    ['drift after it was done', settled({ sync: { ...SETTLED.sync, status: 'OutOfSync' } }), 'compare'],
    ['the source failed meanwhile', settled({ sync: { status: 'Unknown', revision: REVISION } }), 'start'],
    ['in the middle', settled({ operationState: { ...operation, phase: 'Running' } }), 'continue'],
    ['failed before', settled({ operationState: { ...operation, phase: 'Failed' } }), 'continue'],
    [
      'another revision in the middle',
      settled({ operationState: { ...operation, phase: 'Running', revision: 'older' } }),
      'start',
    ],
    [
      'another spec in the middle',
      application({ path: 'other', status: { ...SETTLED, operationState: { ...operation, phase: 'Running' } } }),
      'start',
    ],
  ])('%s', (_, app, mode) => {
    expect(syncMode(app, REVISION)).toBe(mode);
  });
});

describe('which objects need a request', () => {
  const live = present(liveObject(idNamed('x')));
  const edited = present(liveObject(idNamed('x'), undefined, '6'));
  const retry = (retryAt: number): Partial<PairedObject> => ({ record: record(FAILED, live, { retryAt }) });

  it.each<[string, PairedObject, boolean]>([
    ['never looked at', paired(idNamed('x')), true],
    ['in sync and untouched', paired(idNamed('x'), SYNCED, live), false],
    ['edited by hand', paired(idNamed('x'), SYNCED, live, { live: edited }), true],
    ['deleted', paired(idNamed('x'), SYNCED, live, { live: { state: 'absent' } }), true],
    ['changed in Git', changedInGit(paired(idNamed('x'), SYNCED, live)), true],
    [
      'in sync, and its kind cannot be watched',
      paired(idNamed('x'), SYNCED, live, { live: { state: 'unknown' } }),
      false,
    ],
    ['failed, and due', paired(idNamed('x'), FAILED, live, retry(NOW)), true],
    ['owned by another', paired(idNamed('x'), { state: 'owned', by: 'team/other', where: 'a.yaml:1' }, live), false],
    [
      'let go by its owner',
      paired(idNamed('x'), { state: 'owned', by: 'team/other', where: 'a.yaml:1' }, live, { ownerWants: false }),
      true,
    ],
  ])('%s', (_, object, needed) => {
    const start = planSync(snapshot({ objects: [object] }), NOW);
    expect([...start.apply.flat(), ...start.compare]).toHaveLength(needed ? 1 : 0);
    const compare = planSync(snapshot({ objects: [object], application: application({ automated: null }) }), NOW);
    expect(compare.compare).toHaveLength(needed ? 1 : 0);
    expect(compare.apply).toEqual([]);
  });

  it('what failed is compared again when it is due, and sent again with its sync', () => {
    const failed = paired(idNamed('x'), FAILED, live, retry(NOW + 1));
    const manual = snapshot({ objects: [failed], application: application({ automated: null }) });
    expect(planSync(manual, NOW).compare).toEqual([]);
    expect(planSync(manual, NOW + 1).compare).toEqual([failed]);
    // A new commit may have put right what it failed for.
    expect(planSync(snapshot({ objects: [failed] }), NOW)).toMatchObject({ mode: 'start', retry: true, apply: [[{}]] });
    const operationState = { ...SETTLED.operationState, phase: 'Failed' as const, nextRetryAt: timestamp(NOW + 5000) };
    const app = application({
      status: { ...SETTLED, operationState: operationState as ApplicationStatusOperationState },
    });
    const waits = snapshot({ objects: [failed], application: app });
    expect(planSync(waits, NOW + 4999)).toMatchObject({ mode: 'continue', retry: false, apply: [] });
    expect(planSync(waits, NOW + 5000)).toMatchObject({ mode: 'continue', retry: true, apply: [[{}]] });
    // Another's object is waited for, not tried.
    const owned = paired(idNamed('x'), { state: 'owned', by: 'team/other', where: 'a.yaml:1' }, live);
    expect(planSync({ ...waits, objects: [owned] }, NOW + 5000)).toMatchObject({ retry: false, apply: [] });
    // A change of the object may have put it right, too.
    const touched = { ...failed, live: edited };
    expect(planSync({ ...waits, objects: [touched] }, NOW)).toMatchObject({ retry: false, apply: [[{}]] });
  });

  it('an object that changed keeps its last verdict until it is looked at; one that changed in Git has none', () => {
    expect(verdictOf(paired(idNamed('x'), SYNCED, live, { live: edited }))).toEqual(SYNCED);
    expect(verdictOf(paired(idNamed('x'), SYNCED, live, { fingerprint: 'digest /spec/selector' }))).toEqual(SYNCED);
    const deleted = verdictOf(paired(idNamed('x'), SYNCED, live, { live: { state: 'absent' } }));
    expect(deleted).toEqual({ state: 'differs', message: 'is not in the cluster' });
    expect(verdictOf(changedInGit(paired(idNamed('x'), SYNCED, live)))).toEqual({ state: 'unseen' });
  });

  it('drift is put right by a sync, and only by a sync', () => {
    const objects = [paired(idNamed('x'), DIFFERS, live)];
    expect(names(planSync(snapshot({ objects }), NOW).apply.flat())).toEqual(['x']);
    const settled = planSync(snapshot({ objects, application: application({ status: SETTLED }) }), NOW);
    expect(settled).toEqual({ mode: 'compare', apply: [], compare: [], retry: false });
  });

  it('what moved in the cluster is compared before a commit that changes nothing here becomes a sync', () => {
    const moved = paired(idNamed('x'), SYNCED, live, { live: edited });
    const still = paired(idNamed('y'), SYNCED);
    expect(doubtsAbout(snapshot({ objects: [moved, still] }), NOW)).toEqual([moved]);
    expect(planSync(snapshot({ objects: [moved, still] }), NOW)).toMatchObject({ mode: 'compare', compare: [moved] });
    const other = changedInGit(still);
    expect(doubtsAbout(snapshot({ objects: [moved, other] }), NOW)).toEqual([]);
    expect(names(planSync(snapshot({ objects: [moved, other] }), NOW).apply.flat())).toEqual(['x', 'y']);
    expect(doubtsAbout(snapshot({ objects: [moved], application: application({ status: SETTLED }) }), NOW)).toEqual([]);
    const heals = application({ status: SETTLED, automated: { selfHeal: true } });
    expect(doubtsAbout(snapshot({ objects: [moved, still], application: heals }), NOW)).toEqual([moved]);
  });

  it('a commit that changes nothing here is no sync, unless something is left over', () => {
    const objects = [paired(idNamed('x'), SYNCED, live)];
    expect(planSync(snapshot({ objects }), NOW).mode).toBe('compare');
    expect(planSync(snapshot({ objects, leftovers: [leftover(idNamed('y'))] }), NOW).mode).toBe('start');
  });

  it('a commit that changes nothing here takes over a sync that is under way, which would never end otherwise', () => {
    const operation = SETTLED.operationState as ApplicationStatusOperationState;
    const status: ApplicationStatus = {
      ...SETTLED,
      operationState: { ...operation, phase: 'Running', revision: 'older' },
    };
    const objects = [paired(idNamed('x'), SYNCED, live)];
    expect(planSync(snapshot({ objects, application: application({ status }) }), NOW).mode).toBe('start');
  });

  it('an object of an unknown kind is not sent, and says where it stands', () => {
    const object = paired(idNamed('x', 'Gadget', 'example.test'));
    const unknown = { ...object, desired: { ...object.desired, kind: { state: 'absent' as const } } };
    expect(planSync(snapshot({ objects: [unknown] }), NOW).apply.flat()).toEqual([]);
    expect(verdictOf(unknown)).toMatchObject({
      state: 'failed',
      reason: 'KindUnknown',
      message: expect.stringContaining('x.yaml:1'),
    });
  });
});

describe('for any snapshot', () => {
  const verdict = fc.constantFrom<Verdict>(
    SYNCED,
    DIFFERS,
    FAILED,
    { state: 'owned', by: 'team/other', where: 'a.yaml:1' },
    { state: 'waiting', message: 'w' },
  );
  const object = fc.record({
    name: fc.constantFrom('a', 'b', 'c', 'd'),
    verdict: fc.option(verdict, { nil: undefined }),
    changed: fc.boolean(),
    retryAt: fc.constantFrom(NOW - 1, NOW + 1),
    ownerWants: fc.boolean(),
    live: fc.constantFrom('same', 'edited', 'absent', 'unknown'),
  });
  const objects = fc.uniqueArray(object, { selector: ({ name }) => name }).map((list) =>
    list.map(({ name, verdict: known, changed, retryAt, ownerWants, live }) => {
      const id = idNamed(name);
      const before = present(liveObject(id));
      const pair = paired(id, known, before, { ownerWants });
      const made = changed ? changedInGit(pair) : pair;
      const now = {
        same: before,
        edited: present(liveObject(id, undefined, '6')),
        absent: { state: 'absent' as const },
        unknown: { state: 'unknown' as const },
      };
      return { ...made, live: now[live as keyof typeof now], record: made.record && { ...made.record, retryAt } };
    }),
  );
  const applications = fc.constantFrom(
    application(),
    application({ automated: null }),
    application({ status: SETTLED }),
    application({ path: 'other', status: SETTLED }),
  );

  it('once everything was done, the same plan has nothing to do', () => {
    fc.assert(
      fc.property(objects, applications, (list, app) => {
        const plan = planSync(snapshot({ objects: list, application: app }), NOW);
        const done = new Set([...plan.apply.flat(), ...plan.compare]);
        const after = list.map((o) => {
          if (!done.has(o)) return o;
          const live = o.live.state === 'absent' ? present(liveObject(o.desired.id)) : o.live;
          return { ...o, live, record: record(SYNCED, live, { digest: o.desired.digest, fingerprint: o.fingerprint }) };
        });
        const again = planSync(snapshot({ objects: after, application: app }), NOW);
        const sent = new Set(plan.apply.flat().map((o) => o.desired.key));
        expect(again.apply.flat().filter((o) => sent.has(o.desired.key))).toEqual([]);
        expect(again.compare).toEqual([]);
      }),
    );
  });

  it('nothing is written unless the Application syncs by itself and is not done', () => {
    fc.assert(
      fc.property(objects, (list) => {
        for (const app of [application({ automated: null }), application({ status: SETTLED })]) {
          expect(planSync(snapshot({ objects: list, application: app }), NOW).apply).toEqual([]);
        }
      }),
    );
  });
});
