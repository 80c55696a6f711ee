import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ObjectStore } from '../kube/store.ts';
import type { Discovery, Informer, KubeObject, ResourceInfo, WatchEvent } from '../kube/types.ts';
import { silentLogger } from '../platform/logger.ts';
import { ManualClock } from '../platform/manual-clock.ts';
import { HttpRouteCache } from './http-route-cache.ts';

const RESOURCE = { group: 'gateway.networking.k8s.io', version: 'v1', kind: 'HTTPRoute', plural: 'httproutes' };

/** Lets everything that is not waiting for the clock go on. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the cache of HTTPRoutes', () => {
  const clock = new ManualClock();
  let served: ResourceInfo | undefined | Error;
  let watches: number;
  let finishSync: () => void;
  let handlers: Set<(event: WatchEvent) => void>;
  let states: number;
  let routes: string[];
  let cache: HttpRouteCache;

  beforeEach(() => {
    served = RESOURCE as unknown as ResourceInfo;
    watches = 0;
    states = 0;
    routes = [];
    handlers = new Set();
    const acquire = () => {
      watches += 1;
      let synced = false;
      const sync = new Promise<void>((resolve) => {
        finishSync = () => {
          synced = true;
          resolve();
        };
      });
      const informer = Object.assign(new ObjectStore(), {
        resource: served,
        waitForSync: () => sync,
        onEvent: (handler: (event: WatchEvent) => void) => {
          handlers.add(handler);
          return () => handlers.delete(handler);
        },
        stop: () => {},
      });
      Object.defineProperty(informer, 'synced', { get: () => synced });
      return {
        informer: informer as unknown as Informer,
        release: () => {
          watches -= 1;
        },
      };
    };
    const discovery = {
      resourceFor: async () => {
        if (served instanceof Error) throw served;
        return served;
      },
      inAnyVersion: async () => undefined,
      invalidate: () => {},
    } as Discovery;
    cache = new HttpRouteCache({
      discovery,
      informers: { acquire } as never,
      clock,
      logger: silentLogger,
      onRoute: (key) => routes.push(key),
      onState: () => {
        states += 1;
      },
    });
  });
  afterEach(() => cache.stop());

  it('watches nothing while no Rollout needs a route', async () => {
    await settle();
    expect(watches).toBe(0);
  });

  it('is unknown until it is read, then tells everybody that it is ready', async () => {
    cache.want(true);
    await settle();
    expect([cache.state, states]).toEqual(['unknown', 0]);
    finishSync();
    await settle();
    expect([cache.state, states, watches]).toEqual(['ready', 1, 1]);
    cache.want(true);
    await settle();
    expect(watches).toBe(1);
  });

  it('notices that the Gateway API is installed later', async () => {
    served = undefined;
    cache.want(true);
    await settle();
    expect([cache.state, states]).toEqual(['absent', 1]);
    clock.advance(10_000);
    await settle();
    expect([cache.state, states]).toEqual(['absent', 1]);
    served = RESOURCE as unknown as ResourceInfo;
    clock.advance(10_000);
    await settle();
    finishSync();
    await settle();
    expect([cache.state, states]).toEqual(['ready', 2]);
  });

  it('does not take an API server that does not answer for one without the kind', async () => {
    served = new Error('unreachable');
    cache.want(true);
    await settle();
    expect([cache.state, states]).toEqual(['unknown', 0]);
    served = RESOURCE as unknown as ResourceInfo;
    clock.advance(10_000);
    await settle();
    expect(watches).toBe(1);
  });

  it('ends the watch and its handler with the last user, and can start again', async () => {
    cache.want(true);
    await settle();
    finishSync();
    const route: KubeObject = { apiVersion: 'x', kind: 'HTTPRoute', metadata: { name: 'fraud', namespace: 'ml' } };
    for (const handler of handlers) handler({ type: 'added', object: route });
    expect(routes).toEqual(['ml/fraud']);
    cache.want(false);
    expect([watches, handlers.size, cache.state]).toEqual([0, 0, 'unknown']);
    cache.want(true);
    await settle();
    expect(watches).toBe(1);
  });
});
