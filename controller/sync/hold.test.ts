import { describe, expect, it } from 'vitest';
import { application, idNamed, NOW, paired, REVISION, SETTLED, snapshot } from '../../test/applications.ts';
import { timestamp } from '../api/conditions.ts';
import type { Application } from '../api/generated/application.ts';
import { type Hold, holdBy } from './hold.ts';
import { healing, heldBy, isUnderWay, planSync } from './plan.ts';
import { seenHash, takenOperation } from './requested.ts';

const WINDOW: Hold = { message: 'outside of the sync windows', stops: true, always: true };
const OVERRUN: Hold = { ...WINDOW, stops: false };
const WAITS: Hold = { message: 'waits for b', stops: false, always: false };
const objects = [paired(idNamed('a'), { state: 'differs', message: 'differs at data' })];
const fresh = application({ status: { ...SETTLED, sync: { status: 'OutOfSync', revision: 'older' } } });
const running = application({
  status: { ...SETTLED, operationState: { ...SETTLED.operationState, phase: 'Running' } as never },
});
const settled = (selfHeal: boolean): Application =>
  application({
    automated: { selfHeal },
    status: { ...SETTLED, operationState: { ...SETTLED.operationState, finishedAt: timestamp(NOW - 1000) } as never },
  });
const asked = {
  ...fresh,
  status: { ...fresh.status, operationState: takenOperation(fresh, { sync: {} }, timestamp(NOW)) },
};

describe('what holds an Application', () => {
  it.each<[string, Application, Hold | undefined, string, string | undefined]>([
    ['nothing', fresh, undefined, 'start', undefined],
    ['a window, before a sync', fresh, WINDOW, 'compare', WINDOW.message],
    ['others, before a sync', fresh, WAITS, 'compare', WAITS.message],
    ['a window, in the middle of one', running, WINDOW, 'compare', WINDOW.message],
    ['a window that lets it go on', running, OVERRUN, 'continue', OVERRUN.message],
    ['others, in the middle of one', running, WAITS, 'continue', undefined],
    ['a window, before drift is put right', settled(true), WINDOW, 'compare', WINDOW.message],
    ['others, before drift is put right', settled(true), WAITS, 'compare', WAITS.message],
    ['others, and nothing to do', settled(false), WAITS, 'compare', undefined],
    ['a window, and nothing to do', settled(false), WINDOW, 'compare', WINDOW.message],
    ['others, and somebody asks', asked, WAITS, 'start', undefined],
    ['a window, and somebody asks', asked, WINDOW, 'start', WINDOW.message],
  ])('%s', (_, app, hold, mode, message) => {
    const shot = snapshot({ application: app, objects, hold });
    expect([planSync(shot, NOW).mode, heldBy(shot, NOW)]).toEqual([mode, message]);
    expect(isUnderWay(shot)).toBe(mode !== 'compare');
    if (hold !== undefined) expect(healing(shot, NOW)).toEqual({ type: 'off' });
  });

  it('is forgotten for nothing: what was synced is not new when a window opens', () => {
    expect(seenHash(settled(false), REVISION, true)).toBe(SETTLED.sync?.specHash);
    expect(seenHash(settled(false), 'newer', true)).toBeUndefined();
  });

  it('tells a circle also while a window is closed', () => {
    const closed = { allowed: false, manual: false, overrun: true, changesAt: undefined, message: 'closed' };
    expect(holdBy(closed, { ...WAITS, message: 'circle', always: true })).toEqual({
      message: 'closed; circle',
      stops: false,
      always: true,
    });
    expect(holdBy(closed, WAITS)?.message).toBe('closed');
    expect(holdBy({ ...closed, allowed: true }, WAITS)).toBe(WAITS);
  });
});
