import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { APP, application, idNamed, leftover, liveObject, present } from '../../test/applications.ts';
import { TRACKING_ANNOTATION } from '../api/names.ts';
import type { KubeObject } from '../kube/types.ts';
import { isOurs, planPrune, pruneVerdict } from './prune.ts';
import type { Verdict } from './verdict.ts';

const SYNCED: Verdict = { state: 'synced' };
const prune = application({ automated: { prune: true } });
const gone = leftover(idNamed('gone'));

describe('what happens to objects that are gone from Git', () => {
  it('nothing without pruning', () => {
    expect(planPrune(application(), 'start', [gone], [SYNCED], true)).toEqual({ type: 'off' });
    expect(planPrune(application({ automated: null }), 'compare', [gone], [SYNCED], true)).toEqual({ type: 'off' });
  });

  it.each([
    ['suspended', { ...prune, spec: { ...prune.spec, suspend: true } }],
    ['not enabled', application({ automated: { prune: true, enabled: false } })],
  ])('nothing while syncing by itself is %s, nor is an empty path held against it', (_, app) => {
    expect(planPrune(app, 'compare', [gone], [], true)).toEqual({ type: 'off' });
  });

  it('they are deleted, last things first', () => {
    const deployment = leftover(idNamed('web', 'Deployment', 'apps'));
    const plan = planPrune(prune, 'start', [gone, deployment], [SYNCED], true);
    expect(plan).toEqual({ type: 'delete', stages: [[deployment], [gone]], later: 0 });
  });

  it.each<Verdict>([
    { state: 'failed', reason: 'ObjectRefused', message: 'no', permanent: true },
    { state: 'differs', message: 'x' },
    { state: 'owned', by: 'team/other', where: 'a.yaml:1' },
    { state: 'waiting', message: 'x' },
    { state: 'unseen' },
  ])('they stay while an object is $state', (verdict) => {
    expect(planPrune(prune, 'continue', [gone], [SYNCED, verdict], true)).toEqual({ type: 'held' });
  });

  it('they stay when nothing at all is left in Git, unless that is allowed', () => {
    expect(planPrune(prune, 'start', [gone], [], true)).toEqual({ type: 'emptyRefused' });
    const allowed = application({ automated: { prune: true, allowEmpty: true } });
    expect(planPrune(allowed, 'start', [gone], [], true)).toMatchObject({ type: 'delete' });
  });

  it('a delete that failed is not repeated before its time', () => {
    const failure = { message: 'no' };
    const failed = leftover(idNamed('gone'), undefined, { failure });
    expect(planPrune(prune, 'continue', [failed], [SYNCED], false)).toEqual({ type: 'nothing' });
    expect(planPrune(prune, 'continue', [failed], [SYNCED], true)).toMatchObject({ type: 'delete' });
  });
});

describe('objects that may only be broken in Git', () => {
  const doubt = { file: 'web.yaml', message: 'may still be meant by web.yaml:1' };
  const broken = leftover(idNamed('broken'), undefined, { doubt });

  it('hold all pruning, also when nothing else is left', () => {
    for (const verdicts of [[SYNCED], []]) {
      const plan = planPrune(prune, 'start', [gone, broken], verdicts, true);
      expect(plan).toEqual({ type: 'doubtful', objects: ['ConfigMap team/broken may still be meant by web.yaml:1'] });
    }
  });

  it('hold nothing when they stay anyway', () => {
    const live = liveObject(idNamed('broken'));
    live.metadata.annotations = { ...live.metadata.annotations, 'slipway.dev/sync-options': 'Prune=false' };
    const plan = planPrune(prune, 'start', [gone, { ...broken, live: present(live) }], [SYNCED], true);
    expect(plan).toMatchObject({ type: 'delete', stages: [[gone]] });
  });
});

describe('the last check before a delete', () => {
  const id = idNamed('gone');
  const copied: KubeObject = liveObject(id);
  copied.metadata.annotations = { [TRACKING_ANNOTATION]: 'team_app:/ConfigMap:team/original' };
  const dying: KubeObject = liveObject(id);
  dying.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';

  it.each<[string, KubeObject | undefined, boolean, string]>([
    ['ours', liveObject(id), false, 'delete'],
    ['wanted by another Application', liveObject(id), true, 'released'],
    ['of another Application', liveObject(id, { namespace: 'team', name: 'other' }), false, 'released'],
    ['without annotation', liveObject(id, null), false, 'released'],
    ['with an annotation copied from another object', copied, false, 'released'],
    ['being deleted', dying, false, 'terminating'],
    ['not there', undefined, false, 'gone'],
  ])('%s', (_, live, claimed, verdict) => {
    expect(pruneVerdict(leftover(id), live, 'team/app', claimed)).toBe(verdict);
  });

  it('an object without namespace is not the one in a namespace that the inventory names', () => {
    const clusterScoped = liveObject({ ...id, namespace: '' });
    expect(pruneVerdict(leftover(id), clusterScoped, 'team/app', false)).toBe('gone');
  });

  it('whatever the annotation says, only one that names this Application and this object lets it be deleted', () => {
    const part = fc.constantFrom('team', 'app', 'other', 'gone', 'ConfigMap', '', 'apps');
    const texts = fc.oneof(
      fc.string(),
      fc.tuple(part, part, part, part, part, part).map(([a, b, c, d, e, f]) => `${a}_${b}:${c}/${d}:${e}/${f}`),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const live = liveObject(id);
        live.metadata.annotations = { [TRACKING_ANNOTATION]: text };
        const ours = text === `${APP.namespace}_${APP.name}:/ConfigMap:team/gone`;
        expect(pruneVerdict(leftover(id), live, 'team/app', false) === 'delete').toBe(ours);
        expect(isOurs(leftover(id, present(live)), 'team/app')).toBe(ours);
      }),
    );
  });
});

describe('what stays in the inventory', () => {
  it('nothing that is gone, and nothing whose kind is gone', () => {
    expect(isOurs(leftover(idNamed('x'), { state: 'absent' }), 'team/app')).toBe(false);
    expect(isOurs(leftover(idNamed('x'), { state: 'unknown' }, { kindGone: true }), 'team/app')).toBe(false);
  });

  it('what cannot be seen', () => {
    expect(isOurs(leftover(idNamed('x'), { state: 'unknown' }), 'team/app')).toBe(true);
  });
});
