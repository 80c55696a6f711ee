import { beforeEach, describe, expect, it } from 'vitest';
import { CONFIG_MAP } from '../../test/applications.ts';
import type { InformerLease } from '../kube/informers.ts';
import type { Informer, KubeObject, ResourceInfo, WatchEvent } from '../kube/types.ts';
import { ManualClock } from '../platform/manual-clock.ts';
import { ApplicationWatches } from './application-watches.ts';

const SERVICE: ResourceInfo = { ...CONFIG_MAP, kind: 'Service', plural: 'services' };
const MAP = '/ConfigMap/team/a';
const other = '/Service/team/web';

/** A cache that is filled by hand. */
class FakeInformer {
  readonly handlers = new Set<(event: WatchEvent) => void>();
  readonly objects = new Map<string, KubeObject>();
  synced = false;
  released = false;
  #wake: () => void = () => {};

  lease<T extends KubeObject>(resource: ResourceInfo): InformerLease<T> {
    const informer: Informer = {
      resource,
      get: (key) => this.objects.get(key),
      list: () => [...this.objects.values()],
      byIndex: () => [],
      onEvent: (handler) => {
        this.handlers.add(handler);
        return () => this.handlers.delete(handler);
      },
      waitForSync: () =>
        new Promise((resolve) => {
          this.#wake = resolve;
        }),
      stop: () => {},
      synced: false,
      following: true,
      lastError: undefined,
    };
    Object.defineProperty(informer, 'synced', { get: () => this.synced });
    const release = (): void => {
      this.released = true;
    };
    return { informer: informer as unknown as Informer<T>, release };
  }

  async fill(...objects: KubeObject[]): Promise<void> {
    for (const object of objects) this.objects.set(`team/${object.metadata.name}`, object);
    this.synced = true;
    this.#wake();
    await Promise.resolve();
  }

  tell(type: 'added' | 'deleted', object: KubeObject): void {
    for (const handler of this.handlers) handler({ type, object });
  }
}

const object = (kind: string, name: string): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace: 'team' },
});

let clock: ManualClock;
let informers: Map<string, FakeInformer>;
let transforms: (string | undefined)[];
let told: string[];
let watches: ApplicationWatches;

beforeEach(() => {
  clock = new ManualClock();
  informers = new Map();
  transforms = [];
  told = [];
  watches = new ApplicationWatches(
    {
      acquire: (resource, options) => {
        const informer = new FakeInformer();
        informers.set(resource.kind, informer);
        transforms.push(options?.transform?.name);
        return informer.lease(resource);
      },
    },
    clock,
    (application) => told.push(application),
  );
});

const informer = (kind: string): FakeInformer => informers.get(kind) as FakeInformer;

describe('watching what Applications use', () => {
  it('one watch serves all of them, and ends with the last', () => {
    watches.follow('team/one', [CONFIG_MAP, SERVICE], new Set([MAP]));
    watches.follow('team/two', [CONFIG_MAP], new Set([MAP]));
    expect(informers.size).toBe(2);
    watches.follow('team/one', [CONFIG_MAP], new Set([MAP]));
    expect([informer('Service').released, informer('ConfigMap').released]).toEqual([true, false]);
    watches.forget('team/one');
    expect(informer('ConfigMap').released).toBe(false);
    watches.forget('team/two');
    expect(informer('ConfigMap').released).toBe(true);
    expect(informer('ConfigMap').handlers.size).toBe(0);
  });

  it('an event reaches exactly the Applications that have the object', async () => {
    watches.follow('team/one', [CONFIG_MAP], new Set([MAP]));
    watches.follow('team/two', [CONFIG_MAP, SERVICE], new Set([MAP, other]));
    await informer('ConfigMap').fill();
    await informer('Service').fill();
    told = [];
    informer('ConfigMap').tell('added', object('ConfigMap', 'a'));
    expect(told.sort()).toEqual(['team/one', 'team/two']);
    told = [];
    informer('Service').tell('deleted', object('Service', 'web'));
    informer('Service').tell('added', object('Service', 'foreign'));
    expect(told).toEqual(['team/two']);
    told = [];
    watches.follow('team/one', [CONFIG_MAP], new Set());
    informer('ConfigMap').tell('added', object('ConfigMap', 'a'));
    expect(told).toEqual(['team/two']);
  });

  it('the first list is told once, when it is complete', async () => {
    watches.follow('team/one', [CONFIG_MAP], new Set([MAP]));
    informer('ConfigMap').tell('added', object('ConfigMap', 'a'));
    expect(told).toEqual([]);
    await informer('ConfigMap').fill(object('ConfigMap', 'a'));
    expect(told).toEqual(['team/one']);
  });

  it('an object is unknown until its kind is listed; absent only then', async () => {
    const id = { group: '', kind: 'ConfigMap', namespace: 'team', name: 'a' };
    expect(watches.cached(CONFIG_MAP, id)).toEqual({ state: 'unknown' });
    watches.follow('team/one', [CONFIG_MAP], new Set([MAP]));
    expect(watches.cached(CONFIG_MAP, id)).toEqual({ state: 'unknown' });
    await informer('ConfigMap').fill();
    expect(watches.cached(CONFIG_MAP, id)).toEqual({ state: 'absent' });
  });

  it('waits ten seconds for a kind that cannot be listed, and only for kinds of its own', () => {
    watches.follow('team/one', [CONFIG_MAP], new Set([MAP]));
    expect(watches.patience('team/one')).toBe(10_000);
    expect(watches.patience('team/other')).toBe(0);
    clock.advance(10_000);
    expect(watches.patience('team/one')).toBe(0);
  });

  it('keeps no payload of Secrets and ConfigMaps', () => {
    watches.follow('team/one', [CONFIG_MAP, { ...CONFIG_MAP, kind: 'Secret', plural: 'secrets' }, SERVICE], new Set());
    expect(transforms).toEqual(['without-payload', 'without-payload', undefined]);
  });
});
