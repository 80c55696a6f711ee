import { describe, expect, it } from 'vitest';
import { ObjectStore } from './store.ts';
import type { KubeObject } from './types.ts';

const object = (name: string, resourceVersion: string, uid = `uid-${name}`): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'a', name, uid, resourceVersion },
});
const heard = (events: { type: string; object: KubeObject }[]) =>
  events.map((e) => `${e.type} ${e.object.metadata.uid}`);

describe('a new list', () => {
  it('says nothing of what is as it was, and keeps the very object', () => {
    const store = new ObjectStore();
    const same = object('same', '1');
    store.replace([same, object('changed', '2'), object('gone', '3')], '3');
    const events = store.replace([object('same', '1'), object('changed', '5'), object('new', '6')], '7');
    expect(heard(events)).toEqual(['updated uid-changed', 'added uid-new', 'deleted uid-gone']);
    expect(store.get('a/same')).toBe(same);
  });

  it('tells an object that was deleted and made again apart from one that changed', () => {
    const store = new ObjectStore();
    store.replace([object('x', '1', 'first')], '1');
    expect(heard(store.replace([object('x', '9', 'second')], '9'))).toEqual(['deleted first', 'added second']);
  });

  it('is the truth even where it is older: the cluster was restored from a backup', () => {
    const store = new ObjectStore();
    store.replace([object('x', '900'), object('lost', '901')], '901');
    store.replace([object('x', '50')], '60');
    expect(store.get('a/x')?.metadata.resourceVersion).toBe('50');
    expect(store.apply('set', object('y', '61'))).toMatchObject({ type: 'added' });
  });
});

describe('resource versions that are no numbers', () => {
  it('are only compared for being the same', () => {
    const store = new ObjectStore();
    store.apply('set', object('x', 'abc'));
    expect(store.apply('set', object('x', 'abc'))).toBeUndefined();
    expect(store.apply('set', object('x', 'aaa'))).toMatchObject({ type: 'updated' });
  });
});

describe('large numbers', () => {
  it('are compared exactly', () => {
    const store = new ObjectStore();
    store.apply('set', object('x', '9007199254740993'));
    expect(store.apply('set', object('x', '9007199254740992'))).toBeUndefined();
    expect(store.apply('set', object('x', '10000000000000000'))).toMatchObject({ type: 'updated' });
  });
});

it('two users may share an index, but not its name for different ones', () => {
  const store = new ObjectStore();
  const byName = (o: KubeObject) => [o.metadata.name];
  store.addIndexer('name', byName);
  store.addIndexer('name', byName);
  expect(() => store.addIndexer('name', () => [])).toThrow('another index "name"');
});

describe('an object that an index cannot read', () => {
  it('is not in that index, and keeps no other object out of the cache, of the index or of the events', () => {
    const complaints: string[] = [];
    const store = new ObjectStore((index, key) => complaints.push(`${index} ${key}`));
    store.addIndexer('value', ({ metadata, ...rest }) => [(rest['data'] as { value: string }).value]);
    const good = (name: string, version: string): KubeObject => ({ ...object(name, version), data: { value: 'v' } });
    const events = store.replace([good('a', '1'), object('rubbish', '2'), good('z', '3')], '3');
    expect(heard(events)).toEqual(['added uid-a', 'added uid-rubbish', 'added uid-z']);
    expect(store.byIndex('value', 'v').map(({ metadata }) => metadata.name)).toEqual(['a', 'z']);
    expect(complaints).toEqual(['value a/rubbish']);
    store.apply('set', good('rubbish', '4'));
    expect(store.byIndex('value', 'v')).toHaveLength(3);
  });
});
