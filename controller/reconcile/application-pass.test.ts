import { beforeEach, describe, expect, it } from 'vitest';
import { application, CONFIG_MAP, idNamed, leftover, liveObject } from '../../test/applications.ts';
import type { KubeClient } from '../kube/types.ts';
import { ManualClock } from '../platform/manual-clock.ts';
import { seededRandom } from '../platform/random.ts';
import type { Kinds } from '../sync/kinds.ts';
import { ApplicationMemory } from './application-memory.ts';
import { executePrune, type PassDeps } from './application-pass.ts';

describe('deleting what is gone from Git', () => {
  const gone = leftover(idNamed('gone', 'Widget', 'example.com'), { state: 'unknown' });
  let clock: ManualClock;
  let memory: ApplicationMemory;
  let deps: PassDeps;

  beforeEach(() => {
    clock = new ManualClock();
    memory = new ApplicationMemory();
    deps = {
      client: {} as KubeClient,
      clock,
      random: seededRandom(1),
      application: 'team/app',
      applications: { byIndex: () => [] } as unknown as PassDeps['applications'],
      siblings: { wantedBy: () => undefined },
      memory,
      wants: () => false,
      contested: () => false,
      recreating: () => {},
      isCurrent: () => true,
      signal: new AbortController().signal,
    };
  });

  it('does not pass over an object whose kind is unclear: that is tried again', async () => {
    const kinds: Kinds = new Map([['example.com/v1/Widget', { state: 'unclear', message: 'no answer' }]]);
    expect(await executePrune(deps, application(), [[gone]], kinds)).toEqual({ deleted: [], left: [] });
    expect(memory.pruneFailures.get(gone.key)).toEqual({ message: 'the cluster cannot tell how its kind is served' });
  });

  it('ends between two stages when a newer revision was fetched, which may have the objects again', async () => {
    const widget = { ...CONFIG_MAP, group: 'example.com', kind: 'Widget', plural: 'widgets' };
    const kinds: Kinds = new Map([['example.com/v1/Widget', { state: 'served', resource: widget }]]);
    const later = leftover(idNamed('later', 'Widget', 'example.com'));
    const deleted: string[] = [];
    let current = true;
    deps.isCurrent = () => current;
    deps.client = {
      get: async (_: unknown, key: string) => liveObject(idNamed(key.split('/')[1] ?? '', 'Widget', 'example.com')),
      delete: async (_: unknown, key: string) => {
        deleted.push(key);
        current = false;
      },
    } as unknown as KubeClient;
    await executePrune(deps, application(), [[gone], [later]], kinds);
    expect(deleted).toEqual(['team/gone']);
  });
});
