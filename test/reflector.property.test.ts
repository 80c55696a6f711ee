import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../controller/kube/types.ts';
import { CONFIGMAPS, connect, FAST, until } from './fake-apiserver/harness.ts';
import { FakeApiServer } from './fake-apiserver/server.ts';

const name = fc.constantFrom('a', 'b', 'c', 'd');
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ op: fc.constant('put' as const), name }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('remove' as const), name }) },
  { weight: 1, arbitrary: fc.constant({ op: 'repeat' as const }) },
  { weight: 1, arbitrary: fc.constant({ op: 'reset' as const }) },
  { weight: 1, arbitrary: fc.constant({ op: 'half line' as const }) },
  { weight: 1, arbitrary: fc.constant({ op: 'end' as const }) },
  { weight: 1, arbitrary: fc.constant({ op: 'bookmark' as const }) },
  { weight: 1, arbitrary: fc.constant({ op: 'compact' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constant('refuse' as const), status: fc.constantFrom(500, 410, 503, 404) }),
  },
  { weight: 2, arbitrary: fc.constant({ op: 'breathe' as const }) },
);

const byKey = (objects: readonly KubeObject[]) =>
  Object.fromEntries(objects.map((object) => [object.metadata.name, object.metadata.resourceVersion]));

describe('whatever happens to the watch', () => {
  it('the cache ends as the server is, and the events add up to it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.boolean(), async (steps, asEvent) => {
        const server = await FakeApiServer.start();
        server.goneAs = asEvent ? 'event' : 'status';
        const cluster = connect(server.identity(), { times: FAST });
        const { informer } = cluster.informers.acquire(CONFIGMAPS);
        const misfits: string[] = [];
        const told = new Map<string, KubeObject>();
        informer.onEvent((event) => {
          const { name: n } = event.object.metadata;
          // Each event fits to the ones before it. (An informer catches what a handler throws.)
          if (told.has(n) !== (event.type !== 'added')) misfits.push(`${event.type} ${n}`);
          if (event.type === 'deleted') told.delete(n);
          else told.set(n, event.object);
        });
        const history: KubeObject[] = [];
        for (const s of steps) {
          const [watch] = server.watches;
          switch (s.op) {
            case 'put':
              history.push(server.state.put('configmaps', { namespace: 'ns', name: s.name }));
              break;
            case 'remove':
              server.state.remove('configmaps', 'ns', s.name);
              break;
            case 'repeat':
              for (const object of history.slice(-3).reverse()) watch?.send('MODIFIED', object);
              break;
            case 'reset':
              watch?.reset();
              break;
            case 'half line':
              watch?.resetMidLine({ metadata: { namespace: 'ns', name: 'half', resourceVersion: '1' } });
              break;
            case 'end':
              watch?.end();
              break;
            case 'bookmark':
              watch?.bookmark(server.state.version);
              break;
            case 'compact':
              server.state.compact();
              break;
            case 'refuse':
              server.inject({}, { kind: 'status', status: s.status });
              break;
            case 'breathe':
              await new Promise((resolve) => setImmediate(resolve));
              break;
          }
        }
        // An object created last arrives last; then everything before it must have arrived too.
        server.state.put('configmaps', { namespace: 'ns', name: 'last' });
        await until(() => informer.get('ns/last') !== undefined);
        expect(byKey(informer.list())).toEqual(byKey(server.state.list('configmaps', '')));
        expect(byKey([...told.values()])).toEqual(byKey(informer.list()));
        expect(misfits).toEqual([]);
        await cluster.close();
        await server.close();
      }),
      { numRuns: 100 },
    );
  });
});
