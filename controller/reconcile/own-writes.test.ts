import { beforeEach, describe, expect, it } from 'vitest';
import { KubeError } from '../kube/errors.ts';
import { ObjectStore } from '../kube/store.ts';
import type { KubeClient, KubeObject } from '../kube/types.ts';
import { ManualClock } from '../platform/manual-clock.ts';
import { REPLICA_SET_RESOURCE } from '../rollout/resources.ts';
import { OwnWrites } from './own-writes.ts';

const OWNER = 'ml/fraud';
const KEY = 'ml/fraud-1';

function replicaSet(resourceVersion: string, uid = 'u1'): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { namespace: 'ml', name: 'fraud-1', resourceVersion, uid },
  };
}

describe('waiting for own writes', () => {
  const clock = new ManualClock();
  let live: KubeObject | undefined;
  let asked: number;
  let store: ObjectStore;
  let writes: OwnWrites;

  beforeEach(() => {
    live = undefined;
    asked = 0;
    store = new ObjectStore();
    const client = {
      get: async () => {
        asked += 1;
        if (live !== undefined) return live;
        throw new KubeError('KubeNotFound', 'not found', { status: 404, reason: 'NotFound', retryable: false });
      },
    } as unknown as KubeClient;
    writes = new OwnWrites(client, clock);
  });

  it('has nothing to wait for before the first write', async () => {
    expect(await writes.caughtUp(OWNER)).toBe(true);
  });

  it('waits until the cache shows the written version, and another owner does not', async () => {
    store.apply('set', replicaSet('9'));
    writes.wrote(OWNER, store, REPLICA_SET_RESOURCE, replicaSet('10'));
    expect(await writes.caughtUp(OWNER)).toBe(false);
    expect(await writes.caughtUp('ml/other')).toBe(true);
    store.apply('set', replicaSet('10'));
    expect(await writes.caughtUp(OWNER)).toBe(true);
  });

  it('is content with a newer version', async () => {
    writes.wrote(OWNER, store, REPLICA_SET_RESOURCE, replicaSet('10'));
    store.apply('set', replicaSet('100'));
    expect(await writes.caughtUp(OWNER)).toBe(true);
  });

  it('finds out whether an object was made when the answer was lost, and waits until the cache shows one that was', async () => {
    writes.unsure(OWNER, store, REPLICA_SET_RESOURCE, KEY);
    expect(await writes.caughtUp(OWNER)).toBe(true);
    expect(asked).toBe(1);
    live = replicaSet('10');
    writes.unsure(OWNER, store, REPLICA_SET_RESOURCE, KEY);
    expect(await writes.caughtUp(OWNER)).toBe(false);
    expect(await writes.caughtUp(OWNER)).toBe(false);
    expect(asked).toBe(2);
    store.apply('set', replicaSet('10'));
    expect(await writes.caughtUp(OWNER)).toBe(true);
  });

  it('waits until a deleted object has left the cache, also when a new one takes its name', async () => {
    store.apply('set', replicaSet('9'));
    writes.deleted(OWNER, store, REPLICA_SET_RESOURCE, KEY, 'u1');
    expect(await writes.caughtUp(OWNER)).toBe(false);
    store.apply('set', replicaSet('12', 'u2'));
    expect(await writes.caughtUp(OWNER)).toBe(true);
  });

  it('is not blocked by an object that somebody deleted before the cache ever showed it', async () => {
    writes.wrote(OWNER, store, REPLICA_SET_RESOURCE, replicaSet('10'));
    clock.advance(4999);
    expect(await writes.caughtUp(OWNER)).toBe(false);
    expect(asked).toBe(0);
    clock.advance(1);
    expect(await writes.caughtUp(OWNER)).toBe(true);
    expect(asked).toBe(1);
  });

  it('goes on waiting while the API server confirms that only the cache lags', async () => {
    live = replicaSet('10');
    writes.wrote(OWNER, store, REPLICA_SET_RESOURCE, replicaSet('10'));
    clock.advance(60_000);
    expect(await writes.caughtUp(OWNER)).toBe(false);
    expect(await writes.caughtUp(OWNER)).toBe(false);
    expect(asked).toBe(1);
  });

  it('goes on waiting when a deleted object is gone and the cache still has it', async () => {
    store.apply('set', replicaSet('9'));
    writes.wrote(OWNER, store, REPLICA_SET_RESOURCE, replicaSet('10'));
    clock.advance(60_000);
    expect(await writes.caughtUp(OWNER)).toBe(false);
  });

  it('gives up a version that a restored backup took back', async () => {
    live = replicaSet('5');
    writes.wrote(OWNER, store, REPLICA_SET_RESOURCE, replicaSet('10'));
    clock.advance(5000);
    expect(await writes.caughtUp(OWNER)).toBe(true);
  });
});
