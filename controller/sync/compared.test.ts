import { describe, expect, it } from 'vitest';
import { idNamed, liveObject, paired, present } from '../../test/applications.ts';
import type { ApplicationStatusResource } from '../api/generated/application.ts';
import { comparedDigest, recordFromStatus, withKnownDigests } from './compared.ts';
import type { PairedObject } from './snapshot.ts';

const ID = idNamed('web');
const equal = paired(ID, { state: 'synced' });
const entry = (
  compared = comparedDigest(equal),
  status: 'Synced' | 'OutOfSync' = 'Synced',
): ApplicationStatusResource =>
  ({ version: 'v1', kind: 'ConfigMap', name: 'web', status, compared }) as ApplicationStatusResource;

describe('an object that was found equal', () => {
  it('needs no comparison in the next process', () => {
    expect(recordFromStatus(entry(), equal)).toMatchObject({ verdict: { state: 'synced' }, digest: 'digest' });
  });

  it.each<[string, Partial<PairedObject>]>([
    ['wanted otherwise', { fingerprint: 'other' }],
    ['changed in the cluster', { live: present(liveObject(ID, undefined, '6')) }],
    ['made anew', { live: present({ ...liveObject(ID), metadata: { ...liveObject(ID).metadata, uid: 'other' } }) }],
    ['gone', { live: { state: 'absent' } }],
    ['not to be seen', { live: { state: 'unknown' } }],
  ])('needs one when it is %s', (_, changes) => {
    expect(recordFromStatus(entry(), { ...equal, ...changes })).toBeUndefined();
  });

  it('needs one when the status calls it different, or has never called it equal', () => {
    expect(recordFromStatus(entry(undefined, 'OutOfSync'), equal)).toBeUndefined();
    expect(recordFromStatus(undefined, equal)).toBeUndefined();
  });
});

it.each<[string, PairedObject]>([
  ['differs', paired(ID, { state: 'differs', message: 'm' })],
  ['was never looked at', paired(ID)],
  ['was equal to something else', paired(ID, { state: 'synced' }, undefined, { fingerprint: 'other' })],
])('nothing is kept of an object that %s', (_, object) => {
  expect(comparedDigest(object)).toBeUndefined();
});

it('a digest that alone has changed is no news; the first one is, and one less is', () => {
  const none = { ...entry() };
  delete none.compared;
  expect(withKnownDigests([entry('a')], [entry('b')])).toEqual([entry('a')]);
  expect(withKnownDigests([none], [entry('b')])).toEqual([entry('b')]);
  expect(withKnownDigests([entry('a')], [none])).toEqual([none]);
});
