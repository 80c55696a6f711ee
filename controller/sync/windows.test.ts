import { Cron } from 'croner';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { application } from '../../test/applications.ts';
import type { Application, ApplicationSpecSyncPolicySyncWindow } from '../api/generated/application.ts';
import { decideWindows, windowsProblem } from './windows.ts';

type SyncWindow = ApplicationSpecSyncPolicySyncWindow;

function window(
  kind: 'allow' | 'deny',
  schedule: string,
  duration: string,
  changes: Partial<SyncWindow> = {},
): SyncWindow {
  return { kind, schedule, duration, timeZone: 'UTC', manualSync: false, syncOverrun: false, ...changes };
}

const at = (text: string): number => Date.parse(`2026-${text}`);
const iso = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : new Date(ms).toISOString());
const NIGHT = window('allow', '0 22 * * *', '8h');
const FREEZE = window('deny', '0 0 20 12 *', '336h');

describe('sync windows', () => {
  it.each<[string, SyncWindow[], string, boolean, string | undefined]>([
    ['none', [], '01-05T12:00:00Z', true, undefined],
    ['before an allow window', [NIGHT], '01-05T21:59:59.999Z', false, '01-05T22:00:00.000Z'],
    ['at the very opening', [NIGHT], '01-05T22:00:00Z', true, '01-06T06:00:00.000Z'],
    ['past midnight', [NIGHT], '01-06T05:59:59.999Z', true, '01-06T06:00:00.000Z'],
    ['at the very end', [NIGHT], '01-06T06:00:00Z', false, '01-06T22:00:00.000Z'],
    ['outside of a deny window', [FREEZE], '12-19T12:00:00Z', true, '12-20T00:00:00.000Z'],
    ['in a deny window', [FREEZE], '12-24T12:00:00Z', false, '2027-01-03T00:00:00.000Z'],
    ['deny beats allow', [NIGHT, FREEZE], '12-24T23:00:00Z', false, '2027-01-03T00:00:00.000Z'],
    [
      'another allow window',
      [NIGHT, window('allow', '0 12 * * *', '1h')],
      '01-05T12:30:00Z',
      true,
      '01-05T13:00:00.000Z',
    ],
    ['two that touch are one', [window('allow', '0 8,10 * * *', '2h')], '01-05T08:30:00Z', true, '01-05T12:00:00.000Z'],
    [
      'two that overlap are one',
      [window('deny', '0,30 12 * * *', '1h')],
      '01-05T12:15:00Z',
      false,
      '01-05T13:30:00.000Z',
    ],
    ['a schedule that never comes', [window('allow', '0 0 31 2 *', '1h')], '01-05T12:00:00Z', false, undefined],
    ['weekdays by name', [window('allow', '0 9 * * MON-FRI', '8h')], '01-03T12:00:00Z', false, '01-05T09:00:00.000Z'],
    [
      'the hours of another place',
      [window('allow', '0 9 * * *', '8h', { timeZone: 'America/New_York' })],
      '01-05T13:59:00Z',
      false,
      '01-05T14:00:00.000Z',
    ],
    [
      'in summer, too',
      [window('allow', '0 9 * * *', '8h', { timeZone: 'America/New_York' })],
      '07-06T12:59:00Z',
      false,
      '07-06T13:00:00.000Z',
    ],
  ])('%s', (_, windows, time, allowed, change) => {
    const verdict = decideWindows(windows, at(time));
    const changesAt = change?.startsWith('20') === true ? change : change && `2026-${change}`;
    expect([verdict.allowed, iso(verdict.changesAt)]).toEqual([allowed, changesAt]);
  });

  it('says why and until when', () => {
    expect(decideWindows([NIGHT], at('01-05T12:00:00Z')).message).toBe(
      'outside of the sync windows until 2026-01-05T22:00:00Z',
    );
    expect(decideWindows([FREEZE, NIGHT], at('12-24T12:00:00Z')).message).toBe(
      'in the deny window "0 0 20 12 *" (336h, UTC) until 2027-01-03T00:00:00Z',
    );
    expect(decideWindows([window('allow', '0 0 31 2 *', '1h')], at('01-05T12:00:00Z')).message).toBe(
      'outside of the sync windows until further notice',
    );
  });

  it('looks again later where openings are so many that no end can be seen', () => {
    const minutely = window('deny', '* * * * *', '1m');
    const verdict = decideWindows([minutely, NIGHT], at('01-05T12:00:00Z'));
    expect(verdict).toMatchObject({ allowed: false, changesAt: at('01-05T17:00:00Z') });
    expect(verdict.message).toBe('in the deny window "* * * * *" (1m, UTC) at least until 2026-01-05T17:00:00Z');
    const office = window('deny', '*/5 9-17 * * *', '5m');
    expect(decideWindows([office], at('01-05T09:00:00Z'))).toMatchObject({ changesAt: at('01-05T18:00:00Z') });
  });

  const people = { manualSync: true };
  const runs = { syncOverrun: true };
  const DENY = '0 12 * * *';
  it.each<[string, SyncWindow[], boolean, boolean]>([
    ['deny, for all', [window('deny', DENY, '1h')], false, false],
    ['deny, but not for people', [window('deny', DENY, '1h', people)], true, false],
    [
      'two deny, one of them for people, too',
      [window('deny', DENY, '1h', people), window('deny', DENY, '2h')],
      false,
      false,
    ],
    ['deny, but not what runs', [window('deny', DENY, '1h', runs)], false, true],
    ['outside of allow', [NIGHT], false, false],
    ['outside of allow, but not for people', [{ ...NIGHT, ...people }], true, false],
    [
      'outside of two, and one of them for people',
      [{ ...NIGHT, ...people }, window('allow', '0 1 * * *', '1h')],
      false,
      false,
    ],
    ['outside of allow, and what ran goes on', [{ ...NIGHT, ...runs }], false, true],
    [
      'one of the allow windows ends what runs',
      [{ ...NIGHT, ...runs }, window('allow', '0 1 * * *', '1h')],
      false,
      false,
    ],
    ['denied, and outside of allow', [{ ...NIGHT, ...people, ...runs }, window('deny', DENY, '1h')], false, false],
    ['allowed', [window('allow', DENY, '1h')], true, true],
  ])('%s: people %s, what runs %s', (_, windows, manual, overrun) => {
    expect(decideWindows(windows, at('01-05T12:30:00Z'))).toMatchObject({ manual, overrun });
  });

  describe('when clocks change in Berlin', () => {
    const berlin = (schedule: string, duration: string): SyncWindow =>
      window('allow', schedule, duration, { timeZone: 'Europe/Berlin' });
    it.each([
      [
        'the hour that is skipped opens once, at the next',
        '30 2 * * *',
        '1h',
        '03-29T00:00:00Z',
        '03-29T01:00:00.000Z',
        '03-29T02:00:00.000Z',
      ],
      [
        'the hour that comes twice opens once, at the first',
        '30 2 * * *',
        '1h',
        '10-24T23:00:00Z',
        '10-25T00:30:00.000Z',
        '10-25T01:30:00.000Z',
      ],
      [
        'a night in spring is as long as it says',
        '0 22 * * *',
        '8h',
        '03-28T20:00:00Z',
        '03-28T21:00:00.000Z',
        '03-29T05:00:00.000Z',
      ],
      [
        'a night in autumn is as long as it says',
        '0 22 * * *',
        '8h',
        '10-24T19:00:00Z',
        '10-24T20:00:00.000Z',
        '10-25T04:00:00.000Z',
      ],
    ])('%s', (_, schedule, duration, from, opens, closes) => {
      const windows = [berlin(schedule, duration)];
      const before = decideWindows(windows, at(from));
      expect([before.allowed, iso(before.changesAt)]).toEqual([false, `2026-${opens}`]);
      const open = decideWindows(windows, at(opens));
      expect([open.allowed, iso(open.changesAt)]).toEqual([true, `2026-${closes}`]);
    });
  });

  it('is open exactly as long after each opening as it says, and changes exactly when it says', () => {
    const schedule = fc.constantFrom(
      '0 22 * * *',
      '30 2 * * *',
      '*/20 * * * *',
      '0 9 * * 1-5',
      '15 3 1 * *',
      '0 */6 * * 0',
    );
    const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata');
    const start = fc.constantFrom(
      '2026-03-27T00:00:00Z',
      '2026-10-23T00:00:00Z',
      '2026-04-03T00:00:00Z',
      '2026-07-01T00:00:00Z',
    );
    fc.assert(
      fc.property(
        schedule,
        zone,
        start,
        fc.nat(4 * 1440),
        fc.integer({ min: 1, max: 600 }),
        (pattern, timeZone, from, offset, minutes) => {
          const now = Date.parse(from) + offset * 60_000 + 1;
          const cron = new Cron(pattern, { timezone: timeZone, paused: true });
          // By brute force: is there an opening within the last so many minutes?
          const opening = cron.nextRun(new Date(now - minutes * 60_000));
          const open = opening !== null && opening.getTime() <= now;
          const windows = [window('deny', pattern, `${minutes}m`, { timeZone })];
          const verdict = decideWindows(windows, now);
          expect(verdict.allowed).toBe(!open);
          if (verdict.changesAt === undefined || verdict.message.includes('at least')) return;
          expect(verdict.changesAt).toBeGreaterThan(now);
          expect(decideWindows(windows, verdict.changesAt).allowed).toBe(open);
          expect(decideWindows(windows, verdict.changesAt - 1).allowed).toBe(!open);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('sync windows that make no sense', () => {
  const withWindows = (...syncWindows: SyncWindow[]): Application => {
    const app = application();
    return { ...app, spec: { ...app.spec, syncPolicy: { ...app.spec.syncPolicy, syncWindows } } };
  };

  it.each([
    [
      'schedule',
      window('allow', '61 * * * *', '1h'),
      /schedule: "61 \* \* \* \*" is no cron expression \(Invalid value for minute: 61\): write for/,
    ],
    ['schedule', window('allow', '0 0 * * * *', '1h'), /schedule: .* \(it does not have five fields\)/],
    ['schedule', window('allow', '@daily', '1h'), /schedule: .* \(it does not have five fields\)/],
    [
      'timeZone',
      window('allow', '0 0 * * *', '1h', { timeZone: 'Mars/Base' }),
      /timeZone: "Mars\/Base" is no time zone/,
    ],
    ['duration', window('allow', '0 0 * * *', '1d'), /duration: "1d" is not a duration/],
    ['duration', window('allow', '0 0 * * *', '0s'), /duration: 0s is too short/],
  ])('name the field: %s', (_, bad, message) => {
    const problem = windowsProblem(withWindows(NIGHT, bad));
    expect(problem).toMatch(/^spec\.syncPolicy\.syncWindows\[1\]\./);
    expect(problem).toMatch(message);
    expect(problem).not.toContain('\n');
  });

  it('are not those that do', () => {
    expect(windowsProblem(withWindows(NIGHT, FREEZE))).toBeUndefined();
    expect(windowsProblem(application())).toBeUndefined();
  });
});
