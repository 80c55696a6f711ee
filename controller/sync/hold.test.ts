import { describe, expect, it } from 'vitest';
import { application, idNamed, NOW, paired, REVISION, SETTLED, snapshot } from '../../test/applications.ts';
import { timestamp } from '../api/conditions.ts';
import type { Application } from '../api/generated/application.ts';
import { type Hold, holdBy, LETS_GO_ON } from './hold.ts';
import { healing, heldBy, isUnderWay, planSync, stoppedBy } from './plan.ts';
import { seenHash, takenOperation } from './requested.ts';

const STOPS = { byItself: true, asked: true };
const WINDOW: Hold = { message: 'outside of the sync windows', stops: STOPS, drift: true, always: true };
const MANUAL: Hold = { ...WINDOW, stops: { byItself: true, asked: false } };
const OVERRUN: Hold = { ...WINDOW, stops: LETS_GO_ON.stops };
const WAITS: Hold = { message: 'waits for b', ...LETS_GO_ON, always: false };
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
    ['others, and drift is put right', settled(true), WAITS, 'start', undefined],
    ['others, and nothing to do', settled(false), WAITS, 'compare', undefined],
    ['a window, and nothing to do', settled(false), WINDOW, 'compare', WINDOW.message],
    ['others, and somebody asks', asked, WAITS, 'start', undefined],
    ['a window, and somebody asks', asked, WINDOW, 'compare', WINDOW.message],
    ['a window that is none for people, and somebody asks', asked, MANUAL, 'start', MANUAL.message],
  ])('%s', (_, app, hold, mode, message) => {
    const shot = snapshot({ application: app, objects, hold });
    expect([planSync(shot, NOW).mode, heldBy(shot, NOW)]).toEqual([mode, message]);
    if (healing(shot, NOW).type === 'off') expect(isUnderWay(shot)).toBe(mode !== 'compare');
    if (hold?.drift === true) expect(healing(shot, NOW)).toEqual({ type: 'off' });
  });

  it('says so of a sync that it stops, and of no other', () => {
    const stopped = (app: Application, hold: Hold): string | undefined =>
      stoppedBy(snapshot({ application: app, hold }));
    expect([WINDOW, MANUAL, OVERRUN, WAITS].map((hold) => stopped(running, hold))).toEqual([
      WINDOW.message,
      WINDOW.message,
      undefined,
      undefined,
    ]);
    expect([WINDOW, MANUAL].map((hold) => stopped(asked, hold))).toEqual([WINDOW.message, undefined]);
    expect(stopped(settled(true), WINDOW)).toBeUndefined();
  });

  it('is forgotten for nothing: what was synced is not new when a window opens', () => {
    expect(seenHash(settled(false), REVISION, true)).toBe(SETTLED.sync?.specHash);
    expect(seenHash(settled(false), 'newer', true)).toBeUndefined();
  });

  it('tells a circle also while a window is closed', () => {
    const closed = { allowed: false, manual: true, overrun: false, changesAt: undefined, message: 'closed' };
    expect(holdBy(closed, { ...WAITS, message: 'circle', always: true })).toEqual({
      message: 'closed; circle',
      stops: { byItself: true, asked: false },
      drift: true,
      always: true,
    });
    expect(holdBy(closed, WAITS)?.message).toBe('closed');
    expect(holdBy({ ...closed, allowed: true }, WAITS)).toBe(WAITS);
  });
});
