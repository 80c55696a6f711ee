import { describe, expect, it } from 'vitest';
import { application as applicationOf, liveObject } from '../../test/applications.ts';
import type { Application } from '../api/generated/application.ts';
import type { KubeObject } from '../kube/types.ts';
import { takenAlongBy } from './deletion-container.ts';

const at = <T extends KubeObject>(object: T, deletionTimestamp?: string): T => ({
  ...object,
  metadata: { ...object.metadata, ...(deletionTimestamp && { deletionTimestamp }) },
});
const home = liveObject({ group: '', kind: 'Namespace', namespace: '', name: 'team' });
const application = (deleted?: string): Application => at(applicationOf(), deleted);
const [BEFORE, THEN, AFTER] = ['2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z', '2026-01-01T00:00:02Z'];

describe('an Application is deleted itself, or with what it is in', () => {
  it.each<[string, string | undefined, string | undefined, string | undefined]>([
    ['with a namespace that was deleted before', THEN, BEFORE, 'Namespace team'],
    ['in doubt with its namespace', THEN, THEN, 'Namespace team'],
    ['itself, and its namespace after it', THEN, AFTER, undefined],
    ['itself', THEN, undefined, undefined],
    ['not at all', undefined, BEFORE, undefined],
  ])('%s', (_, deleted, container, expected) => {
    expect(takenAlongBy(application(deleted), [undefined, at(home, container)])).toBe(expected);
  });
});
