import { expect, it } from 'vitest';
import type { ReplicaSet } from '../../controller/rollout/snapshot.ts';
import { fieldWriters } from './field-writers.ts';

const replicaSet = (replicas: number, available: number): ReplicaSet => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name: 'fraud-a' },
  spec: { replicas, selector: {}, template: {} },
  status: { replicas, availableReplicas: available },
});

it('lets each controller write its own fields, and people all', () => {
  const tell = fieldWriters();
  tell('replicaSet', replicaSet(1, 1), { ...replicaSet(1, 1), spec: replicaSet(2, 1).spec }, 'Rollout controller');
  tell('replicaSet', replicaSet(2, 1), replicaSet(2, 2), 'person');
  tell('replicaSet', { ...replicaSet(2, 1), spec: {} as never }, { ...replicaSet(2, 1), spec: {} as never }, 'person');
});

it('notices two controllers that write one field', () => {
  const tell = fieldWriters();
  const scaled = { ...replicaSet(1, 1), spec: { ...replicaSet(1, 1).spec, replicas: 2 } };
  const base = replicaSet(1, 1);
  tell('replicaSet', base, { ...base, spec: { ...base.spec, replicas: 2 } }, 'Rollout controller');
  expect(() =>
    tell('replicaSet', scaled, { ...scaled, spec: { ...scaled.spec, replicas: 3 } }, 'ReplicaSet controller'),
  ).toThrow('replicaSet spec.replicas is written by the Rollout controller and by the ReplicaSet controller');
});
