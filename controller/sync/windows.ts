import { Cron } from 'croner';
import { timestamp } from '../api/conditions.ts';
import type { Application, ApplicationSpecSyncPolicySyncWindow } from '../api/generated/application.ts';
import { parseDuration } from '../platform/duration.ts';
import { messageOf } from '../platform/errors.ts';

/** One of `spec.syncPolicy.syncWindows`. */
export type SyncWindow = ApplicationSpecSyncPolicySyncWindow;

/** What the sync windows say at one moment. */
export interface WindowVerdict {
  /** Syncs may start by themselves. */
  allowed: boolean;
  /** Syncs that somebody asks for may start. */
  manual: boolean;
  /** A sync that runs may go on. */
  overrun: boolean;
  /** When the next of these becomes another, in milliseconds since the epoch; undefined when that cannot be told. */
  changesAt: number | undefined;
  /** Why syncs may not start by themselves, and until when. */
  message: string;
}

/** No policy is so busy that its next change lies further than this many openings and closings away. */
const HORIZON = 100;

interface Compiled {
  window: SyncWindow;
  cron: Cron;
  durationMs: number;
}

/** What is wrong with `spec.syncPolicy.syncWindows`: the first field that cannot be understood. */
export function windowsProblem({ spec }: Application): string | undefined {
  for (const [index, window] of (spec.syncPolicy?.syncWindows ?? []).entries()) {
    const field = `spec.syncPolicy.syncWindows[${index}]`;
    if (!isTimeZone(window.timeZone)) {
      return `${field}.timeZone: "${window.timeZone}" is no time zone: write an IANA name such as Europe/Berlin`;
    }
    try {
      if (parseDuration(window.duration) < 1000)
        return `${field}.duration: ${window.duration} is too short: write at least 1s`;
    } catch (error) {
      return `${field}.duration: ${messageOf(error)}`;
    }
    try {
      if (window.schedule.trim().split(/\s+/).length !== 5) throw new Error('it does not have five fields');
      compile(window);
    } catch (error) {
      const why = messageOf(error).replace(/^\w+: /, '');
      return `${field}.schedule: "${window.schedule}" is no cron expression (${why}): write for example "0 22 * * 1-5"`;
    }
  }
  return undefined;
}

/**
 * Whether syncs may start. A deny window that is open forbids them; where there are allow windows, one of them must be open
 * as well. What a window forbids it may leave to people (`manualSync`) and to what runs already (`syncOverrun`): for that all
 * open deny windows must agree, and when no allow window is open, one of these for people and all of these for what runs.
 *
 * @param now milliseconds since the epoch
 */
export function decideWindows(windows: readonly SyncWindow[], now: number): WindowVerdict {
  const compiled = windows.map(compile);
  const first = judge(compiled, now);
  let changesAt: number | undefined;
  let until: number | undefined = first.allowed ? now : undefined;
  let at = now;
  for (let step = 0; step < HORIZON && (changesAt === undefined || until === undefined); step++) {
    const next = Math.min(...compiled.map((window) => nextEdge(window, at)));
    if (!Number.isFinite(next)) break;
    at = next;
    const then = judge(compiled, at);
    if (then.allowed !== first.allowed || then.manual !== first.manual || then.overrun !== first.overrun)
      changesAt ??= at;
    if (then.allowed) until ??= at;
  }
  const end = until === undefined ? 'until further notice' : `until ${timestamp(until)}`;
  return { ...first, changesAt, message: `${first.why} ${end}` };
}

interface Judgement extends Pick<WindowVerdict, 'allowed' | 'manual' | 'overrun'> {
  why: string;
}

function judge(compiled: readonly Compiled[], at: number): Judgement {
  const denies = compiled.filter((window) => window.window.kind === 'deny' && isOpen(window, at));
  const allows = compiled.filter(({ window }) => window.kind === 'allow');
  const outside = allows.length > 0 && !allows.some((window) => isOpen(window, at));
  const [deny] = denies;
  return {
    allowed: deny === undefined && !outside,
    manual:
      denies.every(({ window }) => window.manualSync) && (!outside || allows.some(({ window }) => window.manualSync)),
    overrun:
      denies.every(({ window }) => window.syncOverrun) &&
      (!outside || allows.every(({ window }) => window.syncOverrun)),
    why: deny === undefined ? 'outside of the sync windows' : `in the deny window ${describe(deny)}`,
  };
}

function describe({ window: { schedule, duration, timeZone } }: Compiled): string {
  return `"${schedule}" (${duration}, ${timeZone})`;
}

function isOpen(window: Compiled, at: number): boolean {
  const opened = lastOpening(window, at);
  return opened !== undefined && at < opened + window.durationMs;
}

/** When the window closes, or if it is closed, opens next; infinity for never. Openings that overlap or touch are one. */
function nextEdge(window: Compiled, at: number): number {
  let opened = lastOpening(window, at);
  if (opened === undefined || at >= opened + window.durationMs) {
    return window.cron.nextRun(new Date(at))?.getTime() ?? Number.POSITIVE_INFINITY;
  }
  for (let step = 0; step < HORIZON; step++) {
    const again: number | undefined = lastOpening(window, opened + window.durationMs);
    if (again === undefined || again <= opened) return opened + window.durationMs;
    opened = again;
  }
  return Number.POSITIVE_INFINITY;
}

/** The last opening at or before a moment. Schedules have whole seconds. */
function lastOpening({ cron }: Compiled, at: number): number | undefined {
  const second = Math.floor(at / 1000) * 1000;
  return cron.previousRuns(1, new Date(second + 1000))[0]?.getTime();
}

/** Plans are parsed once; there are few of them, and each Application with the same policy has the same. */
const compiledWindows = new WeakMap<SyncWindow, Compiled>();

function compile(window: SyncWindow): Compiled {
  const known = compiledWindows.get(window);
  if (known !== undefined) return known;
  const cron = new Cron(window.schedule.trim(), { timezone: window.timeZone, mode: '5-part', paused: true });
  const compiled = { window, cron, durationMs: parseDuration(window.duration) };
  compiledWindows.set(window, compiled);
  return compiled;
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
