import { expect, it } from 'vitest';
import type { KubeObject } from '../kube/types.ts';
import { jobResult } from './job-result.ts';

const event = (type: string, reason: string, message = 'm'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: 'e' },
  type,
  reason,
  message,
});
const started = event('Normal', 'SuccessfulCreate');

it('a Job that is gone counts by the Events that its controller left, if one of them says how it ended', () => {
  expect(jobResult([])).toBeUndefined();
  expect(jobResult([started, event('Warning', 'FailedCreate')])).toBeUndefined();
  expect(jobResult([started, event('Normal', 'Completed')])).toMatchObject({ hookPhase: 'Succeeded' });
  expect(jobResult([started, event('Warning', 'BackoffLimitExceeded', 'Job has reached the limit')])).toEqual({
    hookPhase: 'Failed',
    message: 'Job has reached the limit',
  });
});
