import fc from 'fast-check';
import { expect, test } from 'vitest';
import { experimentSpec, Life, podTemplate } from '../../../test/experiments/life.ts';
import type { ExperimentSpec } from '../../api/generated/experiment.ts';
import { isEnding, isOver, type Phase } from './ending.ts';

const spec: fc.Arbitrary<ExperimentSpec> = fc
  .record({
    pods: fc.array(fc.nat(3), { minLength: 1, maxLength: 3 }),
    service: fc.boolean(),
    duration: fc.constantFrom(undefined, '0s', '30s', '10m'),
    delay: fc.constantFrom(undefined, 0, 20),
    deadline: fc.constantFrom(undefined, 45),
    required: fc.boolean(),
    analyses: fc.subarray(['errors', 'latency']),
  })
  .map(({ pods, service, duration, delay, deadline, required, analyses }) =>
    experimentSpec({
      templates: pods.map((replicas, i) =>
        podTemplate('abc'.charAt(i), { replicas, ...(service ? { service: {} } : {}) }),
      ),
      analyses: analyses.map((name, i) => ({ name, templateName: name, requiredForCompletion: required && i === 0 })),
      ...(duration === undefined ? {} : { duration }),
      ...(delay === undefined ? {} : { scaleDownDelaySeconds: delay }),
      ...(deadline === undefined ? {} : { progressDeadlineSeconds: deadline }),
    }),
  );

type Happening =
  | { wait: number }
  | { serve: string; pods: number }
  | { verdict: string; phase: 'Running' | 'Successful' | 'Failed' | 'Error' | 'Inconclusive' }
  | { terminate: true };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ wait: fc.constantFrom(1, 10, 31, 700) }),
  fc.record({ serve: fc.constantFrom('a', 'b', 'c'), pods: fc.nat(3) }),
  fc.record({ serve: fc.constantFrom('a', 'b', 'c'), pods: fc.constant(9) }),
  fc.record({
    verdict: fc.constantFrom('errors', 'latency'),
    phase: fc.constantFrom('Running', 'Successful', 'Failed', 'Error', 'Inconclusive'),
  }),
  fc.constant<Happening>({ terminate: true }),
);

/** Lets something happen; the controller dies after `dies` commands of its first look. */
function happen(life: Life, what: Happening, dies: number): void {
  if (dies < 9) life.look(dies);
  life.settle();
  if ('wait' in what) life.wait(what.wait);
  else if ('serve' in what) life.serve(what.serve, what.pods);
  else if ('terminate' in what) life.change({ terminate: true });
  else {
    const run = life.runs.get(`e-${what.verdict}`);
    if (run !== undefined && !isOver(run.status?.phase)) life.verdict(what.verdict, what.phase);
  }
}

test('whatever comes, and wherever the controller dies: one verdict, kept promises, and rest', () => {
  fc.assert(
    fc.property(spec, fc.array(fc.tuple(happening, fc.nat(12)), { maxLength: 25 }), (given, story) => {
      const life = new Life(given);
      const steady = new Life(given);
      let over: Phase | undefined;
      for (const [what, dies] of story) {
        happen(life, what, dies);
        happen(steady, what, 9);
        // A restart at any point changes nothing about where it ends.
        expect(life.status).toEqual(steady.status);
        expect(life.pods).toEqual(steady.pods);
        if (over !== undefined) expect(life.phase).toBe(over);
        if (isOver(life.phase)) over = life.phase;
        const { templateStatuses = [], availableAt } = life.status;
        // Nothing is measured before all pods served.
        if (availableAt === undefined) expect(life.runs.size).toBe(0);
        // While it runs, every template has what it asks for.
        if (!isEnding(life.experiment) && templateStatuses.every(({ status }) => status === 'Running')) {
          for (const { name, replicas = 1 } of given.templates) expect(life.pods[name]).toBe(replicas);
        }
        const { commands, requeueAfterMs } = life.settle();
        expect(commands).toEqual([]);
        if (requeueAfterMs !== undefined) expect(requeueAfterMs).toBeGreaterThan(0);
      }
      // Once it is over, and time passes, nothing is left but the record.
      life.change({ terminate: true });
      for (const name of life.runs.keys()) {
        const run = life.runs.get(name);
        if (run !== undefined && !isOver(run.status?.phase)) life.verdict(name.slice(2), 'Inconclusive');
      }
      life.wait(60);
      life.serve();
      expect(isOver(life.phase)).toBe(true);
      expect(Object.values(life.pods).every((pods) => pods === 0)).toBe(true);
      expect(life.services.size).toBe(0);
      expect(life.settle().requeueAfterMs).toBeUndefined();
    }),
    { numRuns: 300 },
  );
});
