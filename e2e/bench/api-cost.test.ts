import { expect, it } from 'vitest';
import type { RequestCount } from '../cluster/audit.ts';
import { idleRequests, writesPer } from './api-cost.ts';

const counts: RequestCount[] = [
  { verb: 'update', resource: 'rollouts/status.slipway.dev', count: 40 },
  { verb: 'create', resource: 'events', count: 30 },
  { verb: 'update', resource: 'leases.coordination.k8s.io', count: 7 },
  { verb: 'list', resource: 'pods', count: 3 },
  { verb: 'get', resource: 'rollouts.slipway.dev', count: 2 },
  { verb: 'watch', resource: 'services', count: 1 },
].map((count) => ({ ...count, userAgent: 'slipway/1' }));

it('counts for each object all writes, and those by verb and resource, without the Lease', () => {
  expect(writesPer('Rollout', 10, counts)).toEqual({
    'writes per Rollout': 7,
    '  update rollouts/status.slipway.dev': 4,
    '  create events': 3,
  });
});

it('counts what is asked for while nothing happens, without the Lease', () => {
  expect(idleRequests(counts)).toEqual({ writes: 70, lists: 3, reads: 2, 'watches begun again': 1 });
});
