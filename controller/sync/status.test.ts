import { describe, expect, it } from 'vitest';
import {
  APP,
  application,
  idNamed,
  leftover,
  liveObject,
  NOW,
  paired,
  present,
  REVISION,
  SETTLED,
  snapshot,
} from '../../test/applications.ts';
import { findCondition } from '../api/conditions.ts';
import type { Application, ApplicationStatus } from '../api/generated/application.ts';
import type { PassOutcome } from './operation.ts';
import { verdictOf } from './plan.ts';
import type { SyncSnapshot } from './snapshot.ts';
import { statusAfterPass, statusAfterSourceFailure, statusAtStart } from './status.ts';
import type { Verdict } from './verdict.ts';

const SYNCED: Verdict = { state: 'synced' };
const REFUSED: Verdict = {
  state: 'failed',
  reason: 'ObjectRefused',
  message: 'spec.x: unknown (a.yaml:3)',
  permanent: true,
};

function statusOf(
  view: Partial<SyncSnapshot>,
  outcome: Partial<PassOutcome> = {},
  claimants = new Map<string, string[]>(),
): ApplicationStatus {
  const snap = snapshot(view);
  return statusAfterPass(
    {
      snapshot: snap,
      outcome: {
        mode: 'continue',
        retry: false,
        revision: REVISION,
        objects: snap.objects.map((object) => ({ id: object.desired.id, verdict: verdictOf(object) })),
        prune: { type: 'nothing' },
        pruneFailures: [],
        unconfirmed: [],
        attempts: 1,
        pruned: 0,
        ...outcome,
      },
      claimants,
      targetRevision: 'main',
      skipped: [],
    },
    NOW,
  );
}

const running = (): Application => application({ status: statusAtStart(snapshot(), 'start', NOW) });
const said = (status: ApplicationStatus, type: string): string => {
  const found = findCondition(status.conditions, type);
  return `${found?.status} ${found?.reason}: ${found?.message}`;
};

describe('the status when a sync starts', () => {
  it('lists every object before the first is written, and keeps those that are there', () => {
    const old = { version: 'v1', kind: 'ConfigMap', namespace: 'team', name: 'old', status: 'Synced' as const };
    const app = application({ status: { ...SETTLED, resources: [old] } });
    const status = statusAtStart(snapshot({ application: app, objects: [paired(idNamed('new'))] }), 'start', NOW);
    expect(status.resources).toEqual([
      { version: 'v1', kind: 'ConfigMap', namespace: 'team', name: 'new', status: 'Unknown' },
      old,
    ]);
    expect(status.operationState).toEqual({
      phase: 'Running',
      revision: REVISION,
      specHash: SETTLED.operationState?.specHash,
      trigger: 'SpecChanged',
      initiatedBy: { automated: true },
      startedAt: '2026-01-01T00:00:00Z',
    });
    expect(said(status, 'Synced')).toBe('False Syncing: syncing to 0123456');
    // Whether this revision was compared is decided by these; they move only when it was.
    expect([status.sync, status.observedGeneration]).toEqual([SETTLED.sync, 1]);
  });

  it('is not written again for a pass that goes on', () => {
    const app = running();
    expect(statusAtStart(snapshot({ application: app }), 'continue', NOW + 60_000)).toBe(app.status);
  });
});

describe('the status after a pass', () => {
  it('all applied', () => {
    const status = statusOf({
      application: running(),
      objects: [paired(idNamed('a'), SYNCED), paired(idNamed('b'), SYNCED)],
    });
    expect(status).toMatchObject({
      observedGeneration: 1,
      message: '2 objects in sync with 0123456',
      sync: { status: 'Synced', revision: REVISION, shortRevision: '0123456' },
      operationState: { phase: 'Succeeded', message: '2 objects applied', finishedAt: '2026-01-01T00:00:00Z' },
      history: [{ id: 0, revision: REVISION, deployedAt: '2026-01-01T00:00:00Z' }],
    });
    expect(said(status, 'SourceReady')).toBe(`True Fetched: main is at ${REVISION}`);
    expect(said(status, 'Synced')).toBe('True InSync: 2 objects in sync with 0123456');
    expect(status.conditions?.every((condition) => condition.observedGeneration === 1)).toBe(true);
  });

  it('one refused: the operation has failed, the condition names it, the others count as applied', () => {
    const status = statusOf({
      application: running(),
      objects: [paired(idNamed('a'), SYNCED), paired(idNamed('b'), REFUSED)],
    });
    expect(said(status, 'Synced')).toBe('False ObjectRefused: ConfigMap team/b: spec.x: unknown (a.yaml:3)');
    expect(status.operationState).toMatchObject({ phase: 'Failed' });
    expect(status.history).toBeUndefined();
    expect(status.resources?.map(({ name, status: state }) => `${name} ${state}`)).toEqual(['a Synced', 'b OutOfSync']);
  });

  it('several refused: says how many and lists the first', () => {
    const objects = 'abcdefgh'.split('').map((name) => paired(idNamed(name), REFUSED));
    const message = said(statusOf({ application: running(), objects }), 'Synced');
    expect(message).toMatch(/8 objects failed: ConfigMap team\/a: .*, ConfigMap team\/e: .* and 3 more$/);
  });

  it('retries are counted, and a pass without a try changes nothing', () => {
    const failed = statusOf({ application: running(), objects: [paired(idNamed('b'), REFUSED)] });
    const app = application({ status: failed });
    const idle = statusOf({ application: app, objects: [paired(idNamed('b'), REFUSED)] }, { attempts: 0 });
    expect(idle).toEqual(failed);
    const retried = statusOf(
      { application: app, objects: [paired(idNamed('b'), REFUSED)] },
      { attempts: 1, retry: true },
    );
    expect(retried.operationState?.retryCount).toBe(1);
  });

  it('waiting for a CRD: the operation runs on', () => {
    const waiting = paired(idNamed('b'), {
      state: 'waiting',
      message: 'waits until CustomResourceDefinition x is served',
    });
    const status = statusOf({ application: running(), objects: [waiting] });
    expect(status.operationState).toMatchObject({ phase: 'Running' });
    expect(said(status, 'Synced')).toContain('False Syncing: syncing to 0123456: ConfigMap team/b: waits until');
  });

  it('drift: names the fields, and leaves operation and history alone', () => {
    const app = application({ status: { ...SETTLED, history: [{ id: 4, revision: REVISION, deployedAt: 'x' }] } });
    const drifted = paired(idNamed('a'), { state: 'differs', message: 'differs at data.key' });
    const status = statusOf({ application: app, objects: [drifted] }, { mode: 'compare' });
    expect(said(status, 'Synced')).toBe('False OutOfSync: differs from 0123456: ConfigMap team/a: differs at data.key');
    expect([status.operationState, status.history]).toEqual([app.status?.operationState, app.status?.history]);
  });

  it('left over without pruning: listed as such, out of sync, not part of the health', () => {
    const gone = leftover(idNamed('gone'));
    const status = statusOf(
      { application: running(), objects: [paired(idNamed('a'), SYNCED)], leftovers: [gone] },
      { prune: { type: 'off' } },
    );
    expect(status.resources?.[1]).toEqual({ ...gone.entry, status: 'OutOfSync', requiresPruning: true });
    expect(said(status, 'Synced')).toBe('False OutOfSync: differs from 0123456: ConfigMap team/gone: is gone from Git');
    expect(status.operationState?.phase).toBe('Succeeded');
    expect(status.health?.status).toBe('Healthy');
  });

  it('what is left over, however broken, is not part of the health', () => {
    const id = idNamed('old', 'Deployment', 'apps');
    const dying = liveObject(id);
    dying.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
    const status = statusOf({ application: running(), leftovers: [leftover(id, present(dying))] });
    expect(status.resources?.[0]?.health?.status).toBe('Progressing');
    expect(status.health?.status).toBe('Healthy');
    expect(said(status, 'Synced')).toContain('Deployment team/old: is being deleted');
  });

  it('a delete that failed: stays listed with the cause', () => {
    const failure = { message: 'forbidden', failures: 1, retryAt: NOW };
    const gone = leftover(idNamed('gone'), undefined, { failure });
    const status = statusOf(
      { application: running(), leftovers: [gone] },
      { pruneFailures: ['ConfigMap team/gone (forbidden)'] },
    );
    expect(said(status, 'Synced')).toBe('False PruneFailed: could not delete ConfigMap team/gone (forbidden)');
    expect(status.resources?.[0]?.message).toBe('could not be deleted: forbidden');
  });

  it('nothing left in Git: says what would allow it', () => {
    const status = statusOf(
      { application: running(), leftovers: [leftover(idNamed('gone'))] },
      { prune: { type: 'emptyRefused' } },
    );
    expect(said(status, 'Synced')).toMatch(/^False EmptyRefused: .*allowEmpty/);
    expect(status.operationState?.phase).toBe('Failed');
  });

  it('owned by another: says by whom and does not count for the health; the owner says who else wants it', () => {
    const owned = paired(idNamed('a'), { state: 'owned', by: 'team/first', where: 'a.yaml:1' }, { state: 'absent' });
    const status = statusOf({ application: running(), objects: [owned] });
    expect(said(status, 'Synced')).toContain('False OwnedByOther: ConfigMap team/a: belongs to Application team/first');
    expect(status.health?.status).toBe('Healthy');
    const mine = paired(idNamed('a'), SYNCED);
    const owner = statusOf(
      { application: running(), objects: [mine] },
      {},
      new Map([[mine.desired.key, ['team/second']]]),
    );
    expect(owner.resources?.[0]?.message).toBe(
      'also in the Git path of Application team/second, which does not get it',
    );
    expect(owner.sync?.status).toBe('Synced');
  });

  it('an object that is not there is Missing', () => {
    const missing = paired(idNamed('a'), { state: 'differs', message: 'is not in the cluster' }, { state: 'absent' });
    expect(statusOf({ objects: [missing] }, { mode: 'compare' }).health).toEqual({
      status: 'Missing',
      message: 'ConfigMap team/a: is not in the cluster',
    });
  });

  it('sync done is not rollout done', () => {
    const id = idNamed('fraud', 'Rollout', 'slipway.dev');
    const live = {
      ...liveObject(id, APP),
      apiVersion: 'slipway.dev/v1alpha1',
      status: { phase: 'Paused', message: 'waits for a person' },
    };
    const status = statusOf({ application: running(), objects: [paired(id, SYNCED, present(live))] });
    expect(status.operationState?.phase).toBe('Succeeded');
    expect(said(status, 'Synced')).toMatch(/^True/);
    expect(said(status, 'Healthy')).toBe('False Suspended: Rollout team/fraud: waits for a person');
    expect(status.message).toBe('Rollout team/fraud: waits for a person');
  });

  it('keeps the last ten syncs, and none twice', () => {
    const history = Array.from({ length: 10 }, (_, id) => ({ id, revision: `r${id}`, deployedAt: 'x' }));
    const status = statusOf({ application: { ...running(), status: { ...running().status, history } } });
    expect(status.history?.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const again = statusOf({ application: { ...running(), status: { ...running().status, ...status } } });
    expect(again.history).toEqual(status.history);
  });

  it('the same pass twice gives the same status: nothing to write', () => {
    const first = statusOf({ application: running(), objects: [paired(idNamed('a'), SYNCED)] });
    const app = application({ status: first });
    expect(statusOf({ application: app, objects: [paired(idNamed('a'), SYNCED)] }, { mode: 'compare' })).toEqual(first);
  });
});

describe('the status when the source fails', () => {
  const resources = [{ version: 'v1', kind: 'ConfigMap', namespace: 'team', name: 'a', status: 'Synced' as const }];
  const unreachable = { code: 'GitUnreachable', message: 'no answer', retryable: true };
  const broken = { code: 'ManifestInvalid', message: 'a.yaml:3:1: bad', retryable: false };
  const good = statusOf({ application: running(), objects: [paired(idNamed('a'), SYNCED)] });

  it('that may pass: the last comparison stands', () => {
    const status = statusAfterSourceFailure(
      application({ status: good }),
      unreachable,
      resources,
      undefined,
      NOW + 1000,
    );
    expect(status.sync).toEqual(good.sync);
    expect(said(status, 'Synced')).toBe(said(good, 'Synced'));
    expect(said(status, 'SourceReady')).toBe('False GitUnreachable: no answer');
    expect(status.message).toBe('no answer');
  });

  it('that may pass, but the spec has changed: nothing is known', () => {
    const status = statusAfterSourceFailure(
      application({ generation: 2, status: good }),
      unreachable,
      resources,
      undefined,
      NOW,
    );
    expect(status.sync?.status).toBe('Unknown');
    expect(said(status, 'Synced')).toMatch(/^Unknown SourceNotReady/);
  });

  it('that needs a person: nothing is known, the inventory stays', () => {
    const status = statusAfterSourceFailure(application({ status: good }), broken, resources, undefined, NOW);
    expect(status.sync?.status).toBe('Unknown');
    expect(status.resources).toEqual(resources);
    expect(said(status, 'SourceReady')).toBe('False ManifestInvalid: a.yaml:3:1: bad');
    expect(status.operationState).toEqual(good.operationState);
  });

  it('before anything was applied: the health is unknown', () => {
    expect(statusAfterSourceFailure(application(), broken, [], undefined, NOW).health?.status).toBe('Unknown');
  });
});
