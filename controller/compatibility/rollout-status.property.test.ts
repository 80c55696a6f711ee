import { expect, it } from 'vitest';
import { runHistory } from '../../test/simulate/history.ts';
import { decideRollout } from '../rollout/decide.ts';
import type { Json } from '../rollout/plain.ts';
import { argoStatus, ownStatus } from './rollout-status.ts';

const HISTORIES = 200;

it('whatever becomes of a Rollout, its status is read from the published schema as it was written', () => {
  let statuses = 0;
  for (let seed = 1; seed <= HISTORIES; seed += 1) {
    runHistory(seed, (snapshot, now) => {
      const decision = decideRollout(snapshot, now);
      const status = JSON.parse(JSON.stringify(decision.status)) as Json;
      const steps = snapshot.rollout.spec.strategy?.canary?.steps;
      // Nothing was decided about one that is being deleted.
      if (status['conditions'] !== undefined) {
        statuses += 1;
        expect(ownStatus(argoStatus(status, steps), steps)).toEqual(status);
      }
      return decision;
    });
  }
  // Histories without decisions would show nothing.
  expect(statuses).toBeGreaterThan(1000);
});
