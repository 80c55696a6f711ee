import { describe, expect, it } from 'vitest';
import { application as applicationOf, idNamed, liveObject, NOW } from '../../test/applications.ts';
import type { Application } from '../api/generated/application.ts';
import type { KubeObject } from '../kube/types.ts';
import { formatObjectId, type ObjectId } from '../manifest/identity.ts';
import type { DeletionTarget } from './deletion.ts';
import { statusWhileDeleting } from './deletion-status.ts';
import { eventsBetween } from './transitions.ts';

const app: Application = applicationOf({ status: { sync: { status: 'Synced' }, resources: [] } });
const MINUTE = 60_000;

function going(id: ObjectId, finalizers: string[], changes: object = {}): DeletionTarget {
  const object: KubeObject = { ...liveObject(id), ...changes };
  object.metadata = { ...object.metadata, deletionTimestamp: '2026-01-01T00:00:00Z', finalizers };
  return target(id, { asked: { at: NOW, object, mark: '' } });
}

function target(id: ObjectId, changes: Partial<DeletionTarget> = {}): DeletionTarget {
  const rest = { hook: false, kindTrouble: undefined, asked: undefined, settled: false, failure: undefined };
  return {
    id,
    key: formatObjectId(id),
    entry: { version: 'v1', ...id },
    cached: { state: 'absent' },
    ...rest,
    ...changes,
  };
}

function waiting(now: number, ...stage: DeletionTarget[]) {
  const left = [...stage, target(idNamed('later'))];
  return statusWhileDeleting(app, { type: 'wait', policy: 'foreground', stage, left, retryAt: NOW }, now);
}

describe('the status of an Application that is deleted', () => {
  it('names what is waited for, its finalizers and since when', () => {
    const status = waiting(NOW + 1_000, going(idNamed('a'), ['example.test/hold']));
    expect(status.conditions).toMatchObject([{ type: 'Deleting', status: 'True', reason: 'Deleting' }]);
    const hold = 'being deleted since 2026-01-01T00:00:00Z, waits for finalizer example.test/hold';
    expect(status.message).toBe(`2 objects left (foreground); waiting for ConfigMap team/a: ${hold}`);
    expect(status.resources).toMatchObject([{ name: 'a', message: hold }, { name: 'later' }]);
  });

  it('names hooks among what is waited for, but lists only what is kept equal to Git', () => {
    const status = waiting(NOW, { ...going(idNamed('migrate', 'Job', 'batch'), ['example.test/hold']), hook: true });
    expect(status.message).toMatch(/^2 objects left \(foreground\); waiting for Job team\/migrate: being deleted/);
    expect(status.resources).toMatchObject([{ name: 'later' }]);
  });

  it('is blocked after a while, and then the text stays the same', () => {
    const one = going(idNamed('a'), ['example.test/hold']);
    const first = waiting(NOW + MINUTE, one);
    expect(first.conditions?.[0]?.reason).toBe('DeletionBlocked');
    expect(waiting(NOW + 2 * MINUTE, one).message).toBe(first.message);
  });

  it('says what blocks before what is merely on its way', () => {
    const failed = target(idNamed('z'), { failure: { message: 'forbidden', failures: 1, retryAt: NOW } });
    const many = Array.from({ length: 8 }, (_, i) => going(idNamed(`a-${i}`), []));
    const { message } = waiting(NOW, ...many, failed);
    expect(message).toMatch(
      /^10 objects left \(foreground\); waiting for ConfigMap team\/z: forbidden, .* and 4 more$/,
    );
  });

  it.each<[string, DeletionTarget, string]>([
    [
      'dependents',
      going(idNamed('d', 'Deployment', 'apps'), ['foregroundDeletion']),
      'waits for the objects that it owns',
    ],
    [
      'a Namespace',
      going({ group: '', kind: 'Namespace', namespace: '', name: 'n' }, [], {
        status: {
          conditions: [
            { type: 'NamespaceContentRemaining', status: 'True', message: 'pods. has 1 resource instances' },
            { type: 'NamespaceDeletionContentFailure', status: 'False', message: 'All content deleted' },
          ],
        },
      }),
      'Namespace n: being deleted since 2026-01-01T00:00:00Z, waits for pods. has 1 resource instances',
    ],
    [
      'a kind',
      target(idNamed('k'), { kindTrouble: { message: 'the API is down' } }),
      'ConfigMap team/k: the API is down',
    ],
  ])('what holds %s', (_, one, text) => {
    expect(waiting(NOW, one).message).toContain(text);
  });

  it('tells by Events that it begins and what blocks it, each once', () => {
    const left = [target(idNamed('a'))];
    const begun = statusWhileDeleting(app, { type: 'act', policy: 'background', targets: left, left }, NOW);
    expect(eventsBetween(app.status, begun)).toEqual([
      { type: 'Normal', reason: 'Deleting', message: 'deleting 1 object (background)' },
    ]);
    const going1 = waiting(NOW + 1_000, going(idNamed('a'), ['x.test/y']));
    expect(eventsBetween(begun, going1)).toEqual([]);
    const blocked = waiting(NOW + MINUTE, going(idNamed('a'), ['x.test/y']));
    expect(eventsBetween(begun, blocked)).toMatchObject([{ type: 'Warning', reason: 'DeletionBlocked' }]);
    expect(eventsBetween(blocked, blocked)).toEqual([]);
  });

  it('leaves the inventory as it is when a finalizer is unknown, and says how to go on', () => {
    const old = applicationOf({ status: { resources: [{ version: 'v1', kind: 'ConfigMap', name: 'a' }] } });
    const finalizer = 'resources-finalizer.slipway.dev/all';
    const status = statusWhileDeleting(old, { type: 'unknown', finalizer }, NOW);
    expect(status.resources).toEqual(old.status?.resources);
    expect(status.message).toContain(`metadata.finalizers has ${finalizer}`);
    expect(eventsBetween(old.status, status)).toMatchObject([{ type: 'Warning', reason: 'DeletionUnknown' }]);
  });
});
