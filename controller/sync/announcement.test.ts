import { describe, expect, it } from 'vitest';
import { application, idNamed, paired, REVISION, snapshot } from '../../test/applications.ts';
import type { ApplicationStatus } from '../api/generated/application.ts';
import { announcement, unannouncedDrift } from './announcement.ts';
import type { SyncPlan } from './plan.ts';
import { identityFields } from './status-resources.ts';

const objects = (count: number) => Array.from({ length: count }, (_, i) => paired(idNamed(`o-${i}`)));
const listing = (count: number): ApplicationStatus => ({
  resources: objects(count).map(({ desired }) => identityFields(desired.id, 'v1')),
});

describe('before objects are written', () => {
  const said = (wanted: number, known: number): string => {
    const view = snapshot({ application: application({ status: listing(known) }), objects: objects(wanted) });
    const plan: SyncPlan = { mode: 'start', apply: [view.objects], compare: [], retry: false };
    return announcement(view, plan);
  };

  it('nothing is said of a few that the inventory knows', () => expect(said(10, 10)).toBe('none'));
  it('the inventory is written when it lacks one', () => expect(said(3, 2)).toBe('silent'));
  it('people are told of many', () => expect(said(11, 11)).toBe('loud'));
});

it('drift that no status has shown is told before it is put right, and only then', () => {
  const drifted = [paired(idNamed('a'), { state: 'differs', message: 'differs at data' }), paired(idNamed('b'))];
  const told = (status: 'Synced' | 'OutOfSync'): string | undefined =>
    unannouncedDrift(snapshot({ application: application({ status: { sync: { status } } }), objects: drifted }));
  expect(told('Synced')).toBe(`differs from ${REVISION.slice(0, 7)}: ConfigMap team/a: differs at data`);
  expect(told('OutOfSync')).toBeUndefined();
});
