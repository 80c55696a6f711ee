import { describe, expect, it } from 'vitest';
import { application, idNamed, NOW, paired, REVISION, SETTLED, snapshot } from '../../test/applications.ts';
import type { Application } from '../api/generated/application.ts';
import { automationOf, nextAutomation } from './automation.ts';
import { planSync, syncMode } from './plan.ts';

const suspended = (app: Application, suspendReason?: string): Application => ({
  ...app,
  spec: { ...app.spec, suspend: true, ...(suspendReason !== undefined && { suspendReason }) },
});

describe('automation', () => {
  it.each<[string, Application, string, string | undefined]>([
    ['automated', application(), 'Active', undefined],
    ['no block', application({ automated: null }), 'Manual', 'spec.syncPolicy.automated is not there'],
    [
      'disabled',
      application({ automated: { enabled: false } }),
      'Manual',
      'spec.syncPolicy.automated.enabled is false',
    ],
    ['suspended', suspended(application()), 'Suspended', 'spec.suspend is true'],
    [
      'stored without a spec',
      { ...application(), spec: undefined } as never,
      'Manual',
      'spec.syncPolicy.automated is not there',
    ],
    ['suspended with a reason', suspended(application(), 'INC-42'), 'Suspended', 'INC-42'],
    ['suspended and manual', suspended(application({ automated: null })), 'Suspended', 'spec.suspend is true'],
  ])('%s', (_, app, state, message) => {
    expect(automationOf(app)).toEqual({ state, ...(message !== undefined && { message }) });
  });

  it('keeps the time of the last change of state, whatever the reason becomes', () => {
    const first = nextAutomation(suspended(application(), 'one'), undefined, NOW);
    expect(first.since).toBe('2026-01-01T00:00:00Z');
    const app = application({ status: { automation: first } });
    expect(nextAutomation(suspended(app, 'two'), undefined, NOW + 60_000)).toEqual({ ...first, message: 'two' });
    expect(nextAutomation(app, undefined, NOW + 60_000)).toEqual({ state: 'Active', since: '2026-01-01T00:01:00Z' });
  });

  it('says for what it is held, unless it would do nothing by itself anyway', () => {
    const held = nextAutomation(application(), 'waits for a', NOW);
    expect(held).toEqual({ state: 'Held', message: 'waits for a', since: '2026-01-01T00:00:00Z' });
    expect(nextAutomation(application({ automated: null }), 'waits for a', NOW).state).toBe('Manual');
    expect(nextAutomation(suspended(application()), 'waits for a', NOW).state).toBe('Suspended');
  });

  it.each([
    ['a new commit', application({ status: { ...SETTLED, sync: { status: 'Synced', revision: 'older' } } })],
    [
      'a sync in the middle',
      application({
        status: {
          ...SETTLED,
          operationState: { phase: 'Running', revision: REVISION, startedAt: '2025-12-31T00:00:00Z' },
        },
      }),
    ],
  ])('a suspended Application leaves %s alone', (_, app) => {
    expect(syncMode(app, REVISION)).not.toBe('compare');
    const objects = [paired(idNamed('a'), { state: 'differs', message: 'differs at data' })];
    const plan = planSync(snapshot({ application: suspended(app), objects }), NOW);
    expect([plan.mode, plan.apply]).toEqual(['compare', []]);
  });
});
