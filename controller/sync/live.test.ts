import { describe, expect, it } from 'vitest';
import { idNamed, liveObject, NOW, present } from '../../test/applications.ts';
import type { KubeObject } from '../kube/types.ts';
import { type Cached, markOf, newest, toAnswer } from './live.ts';

const ID = idNamed('web');
const version = (v: string): KubeObject => liveObject(ID, undefined, v);
const shown = (cached: Cached): string | undefined =>
  cached.state === 'present' ? cached.object.metadata.resourceVersion : cached.state;

describe('a cache beside our own last answer', () => {
  it.each<[string, Cached, number, string]>([
    ['runs behind: the answer counts', present(version('9')), 0, '10'],
    ['has caught up', present(version('10')), 0, '10'],
    ['is ahead', present(version('100')), 0, '100'],
    ['has not seen a new object yet', { state: 'absent' }, 5_000, '10'],
    ['does not have it for long: it is gone', { state: 'absent' }, 10_001, 'absent'],
    ['does not exist', { state: 'unknown' }, 60_000, '10'],
  ])('%s', (_, cached, later, wanted) => {
    expect(shown(newest(cached, toAnswer(version('10'), NOW), NOW + later))).toBe(wanted);
  });
});

describe('the mark of a live object', () => {
  const deployment = (metadata: object, status: object = {}): Cached =>
    present({
      ...version('1'),
      kind: 'Deployment',
      status,
      metadata: { name: 'web', uid: 'u', generation: 1, ...metadata },
    });

  it('does not move with the status where the API server counts generations', () => {
    expect(markOf(deployment({ resourceVersion: '2' }, { replicas: 3 }))).toBe(
      markOf(deployment({ resourceVersion: '1' })),
    );
  });

  it.each([
    ['the spec', { generation: 2 }],
    ['a label', { labels: { a: 'b' } }],
    ['an annotation', { annotations: { a: 'b' } }],
    ['a deletion', { deletionTimestamp: '2026-01-01T00:00:00Z' }],
    ['another object of the same name', { uid: 'other' }],
  ])('moves with %s', (_, metadata) => {
    expect(markOf(deployment(metadata))).not.toBe(markOf(deployment({})));
  });

  it('does not move with what the Deployment controller notes in an annotation', () => {
    const annotations = { 'deployment.kubernetes.io/revision': '2' };
    expect(markOf(deployment({ annotations }))).toBe(markOf(deployment({})));
  });

  it('moves with every write where generations are not counted', () => {
    expect(markOf(present(version('1')))).not.toBe(markOf(present(version('2'))));
  });
});

it('keeps no payload and no managedFields of an answer', () => {
  const secret = { ...version('1'), kind: 'Secret', data: { password: 'aHVudGVyMg==' } };
  Object.assign(secret.metadata, { managedFields: [{ manager: 'x' }] });
  expect(JSON.stringify(toAnswer(secret, NOW))).not.toMatch(/aHVudGVyMg|managedFields/);
  expect(secret.data).toEqual({ password: 'aHVudGVyMg==' });
});
