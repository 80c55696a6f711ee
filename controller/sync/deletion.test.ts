import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { application as applicationOf, idNamed, liveObject, NOW, present } from '../../test/applications.ts';
import type { Application } from '../api/generated/application.ts';
import { formatObjectId, type ObjectId } from '../manifest/identity.ts';
import { cacheMark, type DeletionTarget, decideDeletion, deletionIntent, isBlocked } from './deletion.ts';

const FINALIZER = 'resources-finalizer.slipway.dev';

function application(...finalizers: string[]): Application {
  const base = applicationOf();
  return { ...base, metadata: { ...base.metadata, deletionTimestamp: '2026-01-01T00:00:00Z', finalizers } };
}

function target(id: ObjectId, changes: Partial<DeletionTarget> = {}): DeletionTarget {
  const entry = { version: 'v1', ...id };
  const cached = present(liveObject(id));
  const rest = { hook: false, kindTrouble: undefined, cached, asked: undefined, settled: false, failure: undefined };
  return { id, key: formatObjectId(id), entry, ...rest, ...changes };
}

/** An object that was asked to go at {@link NOW} and is still there. */
function going(id: ObjectId, since = NOW, finalizers = ['example.test/hold']): DeletionTarget {
  const object = liveObject(id);
  object.metadata.deletionTimestamp = new Date(since).toISOString();
  object.metadata.finalizers = finalizers;
  const cached = present(liveObject(id));
  return target(id, { cached, asked: { at: NOW, object, mark: cacheMark(cached) } });
}

const config = idNamed('settings');
const web = idNamed('web', 'Deployment', 'apps');

describe('what the finalizers of an Application ask for', () => {
  it.each<[string[], object]>([
    [[], { type: 'none' }],
    [['foreground.example.test/x', 'foregroundDeletion'], { type: 'none' }],
    [['resources-finalizer.argocd.argoproj.io'], { type: 'none' }],
    [[FINALIZER], { type: 'policy', policy: 'foreground' }],
    [[`${FINALIZER}/foreground`], { type: 'policy', policy: 'foreground' }],
    [[`${FINALIZER}/background`], { type: 'policy', policy: 'background' }],
    [[`${FINALIZER}/orphan`], { type: 'policy', policy: 'orphan' }],
    [[FINALIZER, `${FINALIZER}/background`], { type: 'policy', policy: 'foreground' }],
    [[FINALIZER, `${FINALIZER}/orphan`, `${FINALIZER}/background`], { type: 'policy', policy: 'orphan' }],
    [[`${FINALIZER}/orphan`, `${FINALIZER}/forground`], { type: 'unknown', finalizer: `${FINALIZER}/forground` }],
    [[`${FINALIZER}/Orphan`], { type: 'unknown', finalizer: `${FINALIZER}/Orphan` }],
  ])('%j', (finalizers, intent) => {
    expect(deletionIntent(finalizers)).toEqual(intent);
  });
});

describe('the next step of deleting an Application', () => {
  it('an unknown finalizer of ours deletes nothing', () => {
    const decision = decideDeletion({ application: application(`${FINALIZER}/all`), targets: [target(config)] }, NOW);
    expect(decision).toEqual({ type: 'unknown', finalizer: `${FINALIZER}/all` });
  });

  it('ends a sync that runs before anything else', () => {
    const hook = target(idNamed('migrate', 'Job', 'batch'), { hook: true });
    const targets = [target(config), target(web), hook];
    const decision = decideDeletion({ application: application(FINALIZER), targets }, NOW);
    expect(decision).toMatchObject({ type: 'act', targets: [hook], left: targets });
    const over = decideDeletion(
      { application: application(FINALIZER), targets: [target(web), { ...hook, settled: true }] },
      NOW,
    );
    expect(over).toMatchObject({ type: 'act', targets: [target(web)] });
  });

  it('asks about what was applied last first', () => {
    const targets = [target(config), target(web)];
    const decision = decideDeletion({ application: application(FINALIZER), targets }, NOW);
    expect(decision).toEqual({ type: 'act', policy: 'foreground', targets: [targets[1]], left: targets });
  });

  it('releases everything at once', () => {
    const targets = [target(config), target(web)];
    const decision = decideDeletion({ application: application(`${FINALIZER}/orphan`), targets }, NOW);
    expect(decision).toMatchObject({ type: 'act', policy: 'orphan', targets });
  });

  it('an accepted delete does not end a stage', () => {
    const targets = [target(config), going(web)];
    const decision = decideDeletion({ application: application(FINALIZER), targets }, NOW);
    expect(decision).toMatchObject({ type: 'wait', stage: [targets[1]], left: targets });
  });

  it('that the cache catches up with the delete is no news; anything else is', () => {
    const caughtUp = going(web);
    caughtUp.cached = present(caughtUp.asked?.object ?? liveObject(web));
    const act = (one: DeletionTarget): string =>
      decideDeletion({ application: application(FINALIZER), targets: [one] }, NOW).type;
    expect(act(caughtUp)).toBe('wait');
    expect(act({ ...caughtUp, cached: { state: 'absent' } })).toBe('act');
    expect(act({ ...caughtUp, cached: present(liveObject(web, { namespace: 'team', name: 'other' })) })).toBe('act');
  });

  it('looks again in time, should nothing tell', () => {
    const one = going(web);
    const snapshot = { application: application(FINALIZER), targets: [one] };
    expect(decideDeletion(snapshot, NOW + 14_999)).toMatchObject({ type: 'wait', retryAt: NOW + 15_000 });
    expect(decideDeletion(snapshot, NOW + 15_000).type).toBe('act');
    const unwatched = { ...snapshot, targets: [{ ...one, cached: { state: 'unknown' as const } }] };
    expect(decideDeletion(unwatched, NOW + 2_000).type).toBe('act');
  });

  it('a delete that failed is repeated in its time, and blocks', () => {
    const failed = target(web, { failure: { message: 'no', failures: 1, retryAt: NOW + 5_000 } });
    const snapshot = { application: application(FINALIZER), targets: [failed, target(config)] };
    expect(decideDeletion(snapshot, NOW)).toMatchObject({ type: 'wait', stage: [failed], retryAt: NOW + 5_000 });
    expect(decideDeletion(snapshot, NOW + 5_000)).toMatchObject({ type: 'act', targets: [failed] });
    expect(isBlocked(failed, NOW)).toBe(true);
  });

  it('what waits for a confirmation blocks, and is looked at again when there is one', () => {
    const app = application(FINALIZER);
    const one = target(web);
    const asked = { at: NOW, object: liveObject(web), mark: cacheMark(one.cached) };
    const waits = { ...one, asked: { ...asked, awaits: { message: 'confirm', approval: '' } } };
    expect(decideDeletion({ application: app, targets: [waits] }, NOW)).toMatchObject({ type: 'wait' });
    expect(isBlocked(waits, NOW)).toBe(true);
    app.metadata.annotations = { 'slipway.dev/deletion-approved': '2026-01-01T00:00:00Z' };
    expect(decideDeletion({ application: app, targets: [waits] }, NOW)).toMatchObject({ type: 'act' });
  });

  it('a kind that cannot be told is waited for, one that is gone is not', () => {
    const unclear = target(web, { kindTrouble: { message: 'the API is down' } });
    const snapshot = { application: application(FINALIZER), targets: [unclear] };
    expect(decideDeletion(snapshot, NOW)).toMatchObject({ type: 'wait', stage: [unclear], retryAt: NOW + 15_000 });
    const gone = { ...snapshot, targets: [target(web, { kindTrouble: 'gone' })] };
    expect(decideDeletion(gone, NOW).type).toBe('finish');
  });

  it('ends by taking off our finalizers and no others', () => {
    const finalizers = ['a.test/x', FINALIZER, 'b.test/y', `${FINALIZER}/background`];
    const decision = decideDeletion({ application: application(...finalizers), targets: [] }, NOW);
    expect(decision).toEqual({ type: 'finish', policy: 'foreground', finalizers: ['a.test/x', 'b.test/y'] });
  });

  it.each(['', '/background', '/orphan', '/typo'])(
    '%s: deletes nothing when it only goes with what it is in',
    (suffix) => {
      const snapshot = { application: application(`${FINALIZER}${suffix}`, 'a.test/x'), targets: [target(web)] };
      const decision = decideDeletion({ ...snapshot, container: 'Namespace team' }, NOW);
      expect(decision).toMatchObject({ type: 'finish', finalizers: ['a.test/x'], container: 'Namespace team' });
    },
  );

  it('does not wait for itself, nor for what it is in', () => {
    const self = target({ group: 'slipway.dev', kind: 'Application', namespace: 'team', name: 'app' });
    const home = { group: '', kind: 'Namespace', namespace: '', name: 'team' };
    const app = application(FINALIZER);
    expect(decideDeletion({ application: app, targets: [self] }, NOW).type).toBe('finish');
    expect(decideDeletion({ application: app, targets: [target(home)] }, NOW).type).toBe('act');
    expect(decideDeletion({ application: app, targets: [going(home)] }, NOW).type).toBe('finish');
    expect(decideDeletion({ application: app, targets: [going({ ...home, name: 'else' })] }, NOW).type).toBe('wait');
  });

  it('counts as blocked what takes long to go', () => {
    expect(isBlocked(going(web), NOW + 29_999)).toBe(false);
    expect(isBlocked(going(web), NOW + 30_000)).toBe(true);
  });

  it('whatever is known: acts on objects of the inventory only, never on what is over, and ends only when all is', () => {
    const kinds = fc.constantFrom('ConfigMap', 'Deployment', 'Namespace', 'Widget');
    const states = fc.constantFrom<Partial<DeletionTarget>>(
      {},
      { settled: true },
      { kindTrouble: 'gone' },
      { kindTrouble: { message: 'down' } },
      { cached: { state: 'absent' } },
      { failure: { message: 'no', failures: 2, retryAt: NOW + 1 } },
    );
    const some = fc.uniqueArray(fc.tuple(kinds, fc.integer({ min: 0, max: 9 }), states, fc.boolean()), {
      selector: ([kind, n]) => `${kind}${n}`,
    });
    const finalizer = fc.constantFrom('', '/foreground', '/background', '/orphan');
    fc.assert(
      fc.property(some, finalizer, (parts, suffix) => {
        const targets = parts.map(([kind, n, state, asked]) => {
          const id = idNamed(`${kind.toLowerCase()}-${n}`, kind);
          return { ...(asked ? going(id) : target(id)), ...state };
        });
        const over = targets.filter(({ settled, kindTrouble }) => settled || kindTrouble === 'gone');
        const decision = decideDeletion({ application: application(`${FINALIZER}${suffix}`), targets }, NOW);
        if (decision.type === 'act') {
          for (const one of decision.targets) expect(targets).toContain(one);
          expect(decision.targets.filter((one) => over.includes(one))).toEqual([]);
        }
        expect(decision.type === 'finish').toBe(over.length === targets.length);
      }),
    );
  });
});
