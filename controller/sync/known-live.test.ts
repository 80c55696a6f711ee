import { describe, expect, it } from 'vitest';
import { idNamed, liveObject, paired, present } from '../../test/applications.ts';
import { knownLive } from './known-live.ts';
import type { Cached } from './live.ts';
import type { PairedObject } from './snapshot.ts';

const ID = idNamed('web');
const OURS = liveObject(ID);
const known = (live: Cached, changes: Partial<PairedObject> = {}, contested = false): unknown =>
  knownLive(paired(ID, undefined, live, changes), 'team/app', contested);

describe('what may be written without a read', () => {
  it('is what is ours, and what is not there', () => {
    expect(known(present(OURS))).toEqual({ live: OURS });
    expect(known({ state: 'absent' })).toEqual({ live: undefined });
  });

  const leaving = { ...OURS, metadata: { ...OURS.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
  it.each<[string, Cached, Partial<PairedObject>?, boolean?]>([
    ['belongs to nobody that we know', present(liveObject(ID, null))],
    ['belongs to another Application', present(liveObject(ID, { namespace: 'team', name: 'other' }))],
    ['is being deleted', present(leaving)],
    ['is wanted by another Application too', present(OURS), {}, true],
    ['is not there, and is wanted by another Application too', { state: 'absent' }, {}, true],
    ['may be there, as the watch is broken', { state: 'absent', doubtful: true }],
    ['is of a kind that is not watched', { state: 'unknown' }],
    ['has fields of a Rollout', present(OURS), { ownedPaths: ['/spec/selector/hash'] }],
    ['has fields that are ignored', present(OURS), { ignored: { paths: [], managers: ['hpa'] } }],
  ])('is not what %s', (_, live, changes, contested) => {
    expect(known(live, changes, contested)).toBeUndefined();
  });
});
