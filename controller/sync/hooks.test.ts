import { describe, expect, it } from 'vitest';
import { idNamed, liveObject, NOW, paired } from '../../test/applications.ts';
import { timestamp } from '../api/conditions.ts';
import { HOOK_RUN_ANNOTATION } from '../api/names.ts';
import type { KubeObject } from '../kube/types.ts';
import { NO_USER_RULES } from './health/user-rules.ts';
import { type HookRecord, hookRun, hooksOf, isOver, moveHook, withRecord } from './hooks.ts';
import { DEFAULT_OBJECT_OPTIONS } from './object-options.ts';

const OPERATION = { phase: 'Running' as const, revision: 'abcdef0123', startedAt: timestamp(NOW) };
const RUN = hookRun(OPERATION);

const ID = idNamed('migrate', 'Pod');

function pod(phase: string, run: string | undefined = RUN, deleting = false): KubeObject {
  const live = liveObject(ID);
  const annotations = run === undefined ? {} : { [HOOK_RUN_ANNOTATION]: run };
  const metadata = { ...live.metadata, annotations, ...(deleting && { deletionTimestamp: timestamp(NOW) }) };
  return { ...live, metadata, spec: { restartPolicy: 'Never' }, status: { phase } };
}

function recorded(hookPhase: HookRecord['hookPhase']): HookRecord {
  return { version: 'v1', kind: 'Pod', namespace: 'team', name: 'migrate', syncPhase: 'PreSync', hookPhase };
}

describe('what happens to a hook', () => {
  it.each<[string, HookRecord | undefined, KubeObject | undefined, boolean, object]>([
    ['it is made', undefined, undefined, false, { type: 'create' }],
    ['one of an earlier sync goes first', undefined, pod('Succeeded', 'older'), false, { type: 'delete' }],
    ['one that somebody made by hand goes first', undefined, pod('Running', ''), false, { type: 'delete' }],
    ['one that is going is waited for', undefined, pod('Running', 'older', true), false, { type: 'wait' }],
    ['made before a crash, it is known again', undefined, pod('Running'), false, { hookPhase: 'Running' }],
    ['the one that failed is going', undefined, pod('Failed', RUN, true), false, { type: 'wait' }],
    ['it has succeeded', recorded('Running'), pod('Succeeded'), false, { hookPhase: 'Succeeded' }],
    ['it has failed', recorded('Running'), pod('Failed'), false, { hookPhase: 'Failed' }],
    ['it vanished, which is no success', recorded('Running'), undefined, false, { hookPhase: 'Failed' }],
    ['another took its place', recorded('Running'), pod('Succeeded', 'other'), false, { hookPhase: 'Failed' }],
    ['its success stands', recorded('Succeeded'), undefined, false, { hookPhase: 'Succeeded' }],
    ['its failure stands', recorded('Failed'), pod('Failed'), false, { hookPhase: 'Failed' }],
    ['tried again, the failed one goes first', recorded('Failed'), pod('Failed'), true, { type: 'delete' }],
    ['tried again, it is made anew', recorded('Failed'), undefined, true, { type: 'create' }],
    ['its success is never tried again', recorded('Succeeded'), undefined, true, { hookPhase: 'Succeeded' }],
  ])('%s', (_, record, live, again, expected) => {
    expect(moveHook(record, live, undefined, RUN, again, NO_USER_RULES)).toMatchObject(expected);
  });

  it.each<[string, KubeObject | undefined, string]>([
    ['it had succeeded', pod('Succeeded', RUN, true), 'Succeeded'],
    ['it had failed', pod('Failed', RUN, true), 'Failed'],
    ['it still ran', pod('Running', RUN, true), 'Failed'],
    ['it was of another sync', pod('Succeeded', 'other', true), 'Failed'],
  ])('gone, it counts by its last state: %s', (_, departed, hookPhase) => {
    const move = moveHook(recorded('Running'), undefined, departed, RUN, false, NO_USER_RULES);
    expect(move).toMatchObject({ type: 'report', hookPhase });
  });

  it('that has succeeded has done so also while it is being deleted', () => {
    const move = moveHook(recorded('Running'), pod('Succeeded', RUN, true), undefined, RUN, false, NO_USER_RULES);
    expect(move).toMatchObject({ type: 'report', hookPhase: 'Succeeded' });
  });

  it.each([
    ['Succeeded', ['HookSucceeded'], true],
    ['Succeeded', ['HookFailed'], false],
    ['Failed', ['HookFailed'], true],
    ['Failed', ['BeforeHookCreation'], false],
    ['Running', ['HookSucceeded', 'HookFailed'], false],
  ] as const)('%s with policy %j', (phase, policies, over) => {
    expect(isOver(recorded(phase), policies)).toBe(over);
  });

  it('with generateName it has one name for one sync', () => {
    const { desired } = paired(ID);
    const metadata = { ...desired.object.metadata, name: 'migrate-', generateName: 'migrate-' };
    const hook = {
      ...desired,
      options: { ...DEFAULT_OBJECT_OPTIONS, hooks: ['PreSync' as const] },
      object: { ...desired.object, metadata },
    };
    const [named] = hooksOf([hook], { phase: 'PreSync' }, OPERATION);
    expect(named?.desired.id.name).toBe(`migrate-abcdef0-presync-${NOW / 1000}`);
    expect(named?.desired.object.metadata).toEqual({ name: named?.desired.id.name, namespace: 'team' });
  });

  it('has one record for each phase it runs in', () => {
    const { desired } = paired(ID);
    const pre = { phase: 'PreSync' as const, desired };
    const post = { phase: 'PostSync' as const, desired };
    const first = withRecord([], pre, { hookPhase: 'Running' });
    const both = withRecord(first, post, { hookPhase: 'Running' });
    expect(withRecord(both, pre, { hookPhase: 'Succeeded' }).map(({ hookPhase }) => hookPhase)).toEqual([
      'Succeeded',
      'Running',
    ]);
    const known = withRecord(withRecord([], pre, { hookPhase: 'Running', uid: '1' }), pre, { hookPhase: 'Failed' });
    expect(known).toMatchObject([{ hookPhase: 'Failed', uid: '1' }]);
    expect(withRecord(known, pre, { hookPhase: 'Running', uid: '2' })).toMatchObject([{ uid: '2' }]);
    expect(withRecord(both, pre, 'forget')).toEqual([both[1]]);
  });
});
