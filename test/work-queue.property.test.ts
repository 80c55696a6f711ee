import fc from 'fast-check';
import { expect, it } from 'vitest';
import { WorkQueue } from '../controller/kube/work-queue.ts';
import { ManualClock } from '../controller/platform/manual-clock.ts';

const key = fc.constantFrom('a', 'b', 'c');
const step = fc.oneof(
  fc.record({ op: fc.constant('add' as const), key }),
  fc.record({ op: fc.constant('addAfter' as const), key, ms: fc.integer({ min: 0, max: 500 }) }),
  fc.record({ op: fc.constant('addRateLimited' as const), key }),
  fc.record({ op: fc.constant('get' as const) }),
  fc.record({ op: fc.constant('done' as const), key }),
  fc.record({ op: fc.constant('tick' as const), ms: fc.integer({ min: 0, max: 300 }) }),
);

it('never has two runs of one key at a time, and starts a run after every add', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const clock = new ManualClock();
      const queue = new WorkQueue({ clock, random: () => 0.5 });
      /** Adds that no run has started after yet. */
      const owed = new Map<string, number>();
      const twice: string[] = [];
      const running = new Set<string>();
      const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
      const work = (): void => {
        void queue.get().then((next) => {
          if (next === undefined) return;
          if (running.has(next)) twice.push(next);
          running.add(next);
          owed.delete(next);
        });
      };
      for (const s of steps) {
        switch (s.op) {
          case 'add':
            owed.set(s.key, 0);
            queue.add(s.key);
            break;
          case 'addAfter':
            owed.set(s.key, 0);
            queue.addAfter(s.key, s.ms);
            break;
          case 'addRateLimited':
            owed.set(s.key, 0);
            queue.addRateLimited(s.key);
            break;
          case 'get':
            work();
            break;
          case 'done':
            if (running.delete(s.key)) queue.done(s.key);
            break;
          case 'tick':
            clock.advance(s.ms);
            break;
        }
        await settle();
      }
      // Enough workers and time for all that is left.
      for (let round = 0; round < 4; round++) {
        clock.advance(600_000);
        for (let i = 0; i < 3; i++) work();
        await settle();
        for (const k of running) queue.done(k);
        running.clear();
        await settle();
      }
      expect({ owed: [...owed.keys()], twice }).toEqual({ owed: [], twice: [] });
      queue.shutDown();
    }),
    { numRuns: 200 },
  );
});
