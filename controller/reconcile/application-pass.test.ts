import { expect, it } from 'vitest';
import { idNamed, leftover } from '../../test/applications.ts';
import type { KubeClient } from '../kube/types.ts';
import { ManualClock } from '../platform/manual-clock.ts';
import { seededRandom } from '../platform/random.ts';
import type { Kinds } from '../sync/kinds.ts';
import { ApplicationMemory } from './application-memory.ts';
import { executePrune, type PassDeps } from './application-pass.ts';

it('an object whose kind is unclear is not passed over when it shall be deleted: that is tried again', async () => {
  const clock = new ManualClock();
  const memory = new ApplicationMemory();
  const deps: PassDeps = {
    client: {} as KubeClient,
    clock,
    random: seededRandom(1),
    application: 'team/app',
    applications: { byIndex: () => [] } as unknown as PassDeps['applications'],
    memory,
    wants: () => false,
    isCurrent: () => true,
    signal: new AbortController().signal,
  };
  const gone = leftover(idNamed('gone', 'Widget', 'example.com'), { state: 'unknown' });
  const kinds: Kinds = new Map([['example.com/v1/Widget', { state: 'unclear', message: 'no answer' }]]);
  expect(await executePrune(deps, [[gone]], kinds)).toEqual([]);
  expect(memory.pruneFailures.get(gone.key)).toMatchObject({ failures: 1 });
  expect(memory.pruneFailures.get(gone.key)?.retryAt).toBeGreaterThan(clock.now());
});
