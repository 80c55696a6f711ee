import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Environment, startEnvironment } from './environment.ts';
import { JOURNEYS, type Story } from './journeys.ts';
import { Live } from './live.ts';
import { localPlace, removePlace } from './place.ts';

const CLUSTER = 'journeys-test';

/** The same journeys as in the demo, one test each. They are one story: after one that did not end, the rest cannot be told. */
describe('journeys', () => {
  const live = new Live();
  const story: Story = {};
  let environment: Environment;
  let broken = false;

  beforeAll(async () => {
    environment = await startEnvironment(await localPlace(CLUSTER, live.say), live);
  });

  afterAll(async () => {
    await environment?.close();
    await removePlace(CLUSTER, undefined);
  });

  for (const journey of JOURNEYS) {
    it(`${journey.name}: ${journey.title}`, async (context) => {
      context.skip(broken, 'a journey before this one did not end');
      broken = true;
      const { stage, controller } = environment;
      try {
        await journey.run(stage, story);
      } catch (error) {
        throw new Error(`${error}\nthe controller's last lines:\n${controller.logTail(30).join('\n')}`, {
          cause: error,
        });
      }
      broken = false;
      expect(stage.facts.failed(journey.name)).toEqual([]);
    });
  }
});
