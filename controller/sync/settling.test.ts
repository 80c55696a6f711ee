import { expect, it } from 'vitest';
import { SETTLED } from '../../test/applications.ts';
import type { ApplicationStatus } from '../api/generated/application.ts';
import { isSettling } from './settling.ts';

const operation = SETTLED.operationState as NonNullable<ApplicationStatus['operationState']>;

it.each<[string, Partial<ApplicationStatus>, boolean]>([
  ['objects that become healthy', { health: { status: 'Progressing' } }, true],
  ['nothing', { health: { status: 'Healthy' } }, false],
  ['people, since it is in trouble', { health: { status: 'Degraded' } }, false],
  [
    'the rest of the sync',
    { health: { status: 'Progressing' }, operationState: { ...operation, phase: 'Running' } },
    false,
  ],
  ['what differs', { health: { status: 'Progressing' }, sync: { ...SETTLED.sync, status: 'OutOfSync' } }, false],
])('a sync waits for %s: %o', (_, changes, settling) => {
  expect(isSettling({ ...SETTLED, ...changes })).toBe(settling);
});
