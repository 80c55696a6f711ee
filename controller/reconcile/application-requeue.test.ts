import { describe, expect, it } from 'vitest';
import { application, idNamed, NOW, paired, SETTLED, snapshot } from '../../test/applications.ts';
import { timestamp } from '../api/conditions.ts';
import type { ApplicationStatus } from '../api/generated/application.ts';
import { requeueDelay } from './application-requeue.ts';

describe('when drift waits to be healed', () => {
  const operationState: ApplicationStatus['operationState'] = SETTLED.operationState && {
    ...SETTLED.operationState,
    finishedAt: timestamp(NOW),
  };
  const app = application({
    automated: { selfHeal: true },
    status: { ...SETTLED, ...(operationState && { operationState }), selfHeal: { attempts: 2 } },
  });
  const drifted = paired(idNamed('a'), { state: 'differs', message: 'differs at data' });

  it.each([
    ['it is looked at in that moment', [drifted], NOW + 1000, { requeueAfterMs: 5000 }],
    ['it is looked at very soon when its time has come', [drifted], NOW + 6000, { requeueAfterMs: 100 }],
    ['there is nothing to wait for without drift', [paired(idNamed('a'), { state: 'synced' })], NOW + 1000, {}],
  ])('%s', (_, objects, now, delay) => {
    expect(requeueDelay(snapshot({ application: app, objects }), now)).toEqual(delay);
  });
});
