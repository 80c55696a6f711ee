import { beforeEach, describe, expect, it } from 'vitest';
import { KubeError } from '../kube/errors.ts';
import type { InformerLease } from '../kube/informers.ts';
import type { Informer, KubeClient, KubeObject, ResourceInfo, WatchEvent } from '../kube/types.ts';
import { ManualClock } from '../platform/manual-clock.ts';
import type { ConfigReference } from '../rollout/config/references.ts';
import { ConfigCache } from './config-cache.ts';

const ROLLOUT = 'ml/fraud';
const SIGNAL = new AbortController().signal;
const APP: ConfigReference = { kind: 'ConfigMap', name: 'app', keys: undefined, required: true, requiredKeys: [] };
const KEYS: ConfigReference = { ...APP, kind: 'Secret', name: 'keys' };

/** The API server: objects, one watch per kind that shows them when told, and a count of what is read. */
class FakeServer {
  readonly objects = new Map<string, KubeObject>();
  readonly shown = new Map<string, KubeObject>();
  readonly gets: string[] = [];
  readonly watched = new Set<string>();
  readonly options: unknown[] = [];
  synced = true;
  lastError: string | undefined;
  refusal: KubeError | undefined;
  #handlers = new Set<(event: WatchEvent) => void>();
  #version = 1;

  readonly client = {
    get: async ({ kind }: ResourceInfo, key: string) => {
      this.gets.push(`${kind}/${key}`);
      if (this.refusal !== undefined) throw this.refusal;
      return this.objects.get(`${kind}/${key}`) as KubeObject;
    },
  } as unknown as KubeClient;

  acquire<T extends KubeObject>(resource: ResourceInfo, options?: object): InformerLease<T> {
    const { kind } = resource;
    const server = this;
    this.watched.add(kind);
    this.options.push(options);
    const informer = {
      resource,
      get: (key: string) => server.shown.get(`${kind}/${key}`),
      onEvent: (handler: (event: WatchEvent) => void) => {
        server.#handlers.add(handler);
        return () => server.#handlers.delete(handler);
      },
      waitForSync: async () => {},
      get synced() {
        return server.synced;
      },
      get lastError() {
        return server.lastError;
      },
    } as unknown as Informer<T>;
    return { informer, release: () => this.watched.delete(kind) };
  }

  /** Stores and shows an object. */
  put(kind: 'ConfigMap' | 'Secret', name: string, data: Record<string, string>, labels = {}): void {
    this.#version += 1;
    const metadata = { name, namespace: 'ml', uid: name, resourceVersion: String(this.#version), labels };
    const object: KubeObject = { apiVersion: 'v1', kind, metadata, data };
    this.objects.set(`${kind}/ml/${name}`, object);
    this.shown.set(`${kind}/ml/${name}`, object);
    for (const handler of this.#handlers) handler({ type: 'added', object });
  }

  remove(kind: 'ConfigMap' | 'Secret', name: string): void {
    const object = this.objects.get(`${kind}/ml/${name}`) as KubeObject;
    this.objects.delete(`${kind}/ml/${name}`);
    this.shown.delete(`${kind}/ml/${name}`);
    for (const handler of this.#handlers) handler({ type: 'deleted', object });
  }
}

let server: FakeServer;
let clock: ManualClock;
let told: string[];
let cache: ConfigCache;

beforeEach(() => {
  server = new FakeServer();
  clock = new ManualClock();
  told = [];
  cache = new ConfigCache({ client: server.client, informers: server, clock, enqueue: (key) => told.push(key) });
  server.put('ConfigMap', 'app', { mode: 'fast' });
  server.put('ConfigMap', 'other', { mode: 'fast' });
  server.put('Secret', 'keys', { a: 'MQ==' });
});

const read = (references = [APP], rollout = ROLLOUT) => cache.read(rollout, references, SIGNAL);
const markOfNow = async (references = [APP]): Promise<unknown> => {
  const { config } = (await read(references)) ?? {};
  return config?.state === 'known' ? config.mark : config?.state;
};

describe('what pods read', () => {
  it('costs one read per version of an object that is named, however many ask', async () => {
    for (let i = 0; i < 3; i += 1) await read([APP], `ml/fraud-${i}`);
    expect(server.gets).toEqual(['ConfigMap/ml/app']);
    server.put('ConfigMap', 'other', { mode: 'slow' });
    expect(told).toEqual([]);
    server.put('ConfigMap', 'app', { mode: 'slow' });
    expect(told).toEqual(['ml/fraud-0', 'ml/fraud-1', 'ml/fraud-2']);
    for (let i = 0; i < 3; i += 1) await read([APP], `ml/fraud-${i}`);
    expect(server.gets).toEqual(['ConfigMap/ml/app', 'ConfigMap/ml/app']);
  });

  it('is watched by metadata alone, and only while somebody asks for the kind', async () => {
    await read([APP, KEYS]);
    expect([[...server.watched], server.options]).toEqual([
      ['ConfigMap', 'Secret'],
      [{ metadataOnly: true }, { metadataOnly: true }],
    ]);
    await read([APP]);
    expect([...server.watched]).toEqual(['ConfigMap']);
    cache.forget(ROLLOUT);
    expect([...server.watched]).toEqual([]);
    server.put('ConfigMap', 'app', { mode: 'slow' });
    expect(told).toEqual([]);
  });

  it('counts 3 s after its last change, so that what is applied together is one change', async () => {
    const first = await markOfNow();
    server.put('ConfigMap', 'app', { mode: 'slow' });
    expect(await read()).toMatchObject({
      config: { state: 'pending', message: 'ConfigMap "app" changed a moment ago' },
      againMs: 3000,
    });
    clock.advance(2000);
    server.put('ConfigMap', 'app', { mode: 'slower' });
    expect(await read()).toMatchObject({ config: { state: 'pending' }, againMs: 3000 });
    clock.advance(3000);
    const second = await markOfNow();
    expect(second).toMatchObject({ 'ConfigMap/app': expect.any(String) });
    expect(second).not.toEqual(first);
  });

  it('does not change with the labels of the object', async () => {
    const first = await markOfNow();
    server.put('ConfigMap', 'app', { mode: 'fast' }, { team: 'ml' });
    expect(await markOfNow()).toEqual(first);
  });

  it('that is deleted and made anew at once was never missing', async () => {
    const first = await markOfNow();
    server.remove('ConfigMap', 'app');
    expect(await markOfNow()).toBe('pending');
    server.put('ConfigMap', 'app', { mode: 'fast' });
    expect(await markOfNow()).toBe('pending');
    clock.advance(3000);
    expect(await markOfNow()).toEqual(first);
    server.remove('ConfigMap', 'app');
    await read();
    clock.advance(3000);
    expect(await markOfNow()).toBe('missing');
  });

  it('is not known before the first list, and then the Rollout is told', async () => {
    server.synced = false;
    expect(await read()).toBeUndefined();
    await Promise.resolve();
    expect(told).toEqual([ROLLOUT]);
    server.lastError = 'configmaps is forbidden';
    expect(await read()).toEqual({
      config: { state: 'unavailable', message: 'ConfigMaps cannot be watched: configmaps is forbidden' },
    });
  });

  it('that may not be read says so, and is asked for again', async () => {
    server.refusal = new KubeError('KubeForbidden', 'secrets "keys" is forbidden', {
      status: 403,
      reason: 'Forbidden',
      retryable: false,
    });
    expect(await read([KEYS])).toEqual({
      config: { state: 'unavailable', message: 'secrets "keys" is forbidden' },
      againMs: 30_000,
    });
  });
});
