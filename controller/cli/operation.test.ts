import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { application, REVISION } from '../../test/applications.ts';
import type {
  Application,
  ApplicationOperation,
  ApplicationStatusOperationState,
} from '../api/generated/application.ts';
import { historyId, resource } from './arguments.ts';
import { entryFor } from './commands/app-sync.ts';
import { operationStanding } from './operation.ts';

const ASKED: ApplicationOperation = { initiatedBy: { username: 'jo' }, sync: { prune: true } };

function given(state: Partial<ApplicationStatusOperationState>, operation?: ApplicationOperation): Application {
  const common = { phase: 'Running' as const, revision: REVISION, startedAt: '2026-01-01T00:00:00Z', operation: ASKED };
  const built = application({ status: { operationState: { ...common, ...state } } });
  return operation === undefined ? built : { ...built, operation };
}

describe('a sync that was asked for', () => {
  it('is not answered by the status of one before it, be it word for word the same', () => {
    expect(operationStanding(given({ phase: 'Succeeded' }, ASKED), ASKED)).toEqual({
      type: 'coming',
      said: 'app: waiting for the controller to begin',
    });
  });

  it('tells how far it is and how it ended', () => {
    expect(operationStanding(given({ message: '2 objects to go' }), ASKED)).toEqual({
      type: 'coming',
      said: 'app: syncing to 0123456: 2 objects to go',
    });
    expect(operationStanding(given({ phase: 'Succeeded', message: '4 objects applied' }), ASKED)).toEqual({
      type: 'done',
      said: 'application "app" synced to 0123456: 4 objects applied',
    });
    const failed = { phase: 'Failed' as const, message: 'refused', nextRetryAt: '2026-01-01T00:00:05Z' };
    expect(operationStanding(given(failed), ASKED)).toEqual({
      type: 'failed',
      why: 'the sync of application "app" failed: refused; it is tried again at 2026-01-01T00:00:05Z',
    });
  });

  it('knows when another one has taken its place', () => {
    const other = { sync: {} };
    expect(operationStanding(given({ phase: 'Succeeded', operation: other }), ASKED).type).toBe('replaced');
    expect(operationStanding(given({}, other), ASKED).type).toBe('replaced');
    const { operation: _, ...byItself } = given({}).status?.operationState ?? { operation: ASKED };
    const healed = application({ status: { operationState: byItself as ApplicationStatusOperationState } });
    expect(operationStanding(healed, ASKED).type).toBe('replaced');
  });
});

describe('the entry to go back to', () => {
  const history = [3, 4, 7].map((id) => ({ id, revision: REVISION, deployedAt: '2026-01-01T00:00:00Z' }));

  it('is the one before the last, or the one that is named', () => {
    expect(entryFor(application({ status: { history } }), undefined)).toBe(4);
    expect(entryFor(application({ status: { history } }), 3)).toBe(3);
  });

  it('must be there', () => {
    expect(() => entryFor(application({ status: { history } }), 5)).toThrow(
      'application "app" has no sync with id 5 to go back to; it has 3, 4, 7',
    );
    expect(() => entryFor(application({ status: { history: history.slice(0, 1) } }), undefined)).toThrow(
      'nothing earlier',
    );
    expect(() => entryFor(application(), undefined)).toThrow('its history is empty');
  });
});

describe('the arguments of a sync', () => {
  it('name objects by group, kind, namespace and name, one after the other', () => {
    const first = resource('apps:Deployment:ml/fraud');
    expect(resource(':ConfigMap:system:x', first)).toEqual([
      { group: 'apps', kind: 'Deployment', namespace: 'ml', name: 'fraud' },
      { kind: 'ConfigMap', name: 'system:x' },
    ]);
    for (const bad of ['fraud', 'Deployment:fraud', 'apps:Deployment:', 'apps/v1:Deployment:x', 'a:b:c/d/e']) {
      expect(() => resource(bad)).toThrow(InvalidArgumentError);
    }
  });

  it('name an entry of the history by its number', () => {
    expect(historyId('0')).toBe(0);
    for (const bad of ['', '-1', '1.5', 'last', '01']) expect(() => historyId(bad)).toThrow(InvalidArgumentError);
  });
});
