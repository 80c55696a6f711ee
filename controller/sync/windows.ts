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

/** So many openings and closings are looked ahead, which takes some ten milliseconds; nearly all policies need two. */
const HORIZON = 300;

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
 * open deny windows must agree and, when no allow window is open, all allow windows.
 *
 * @param now milliseconds since the epoch
 */
export function decideWindows(windows: readonly SyncWindow[], now: number): WindowVerdict {
  let stretches = windows.map((window) => stretchAt(compile(window), now));
  const first = judge(stretches, now);
  let changesAt: number | undefined;
  let until: number | undefined = first.allowed ? now : undefined;
  let at = now;
  for (let step = 0; changesAt === undefined || until === undefined; step++) {
    const next = Math.min(...stretches.map(({ opens, closes }) => (at < opens ? opens : closes)));
    if (!Number.isFinite(next)) break;
    if (step === HORIZON) {
      const message = `${first.why} at least until ${timestamp(at)}`;
      return { ...first, changesAt: changesAt ?? at, message };
    }
    at = next;
    stretches = stretches.map((stretch) => (at < stretch.closes ? stretch : stretchAt(stretch.of, at)));
    const then = judge(stretches, at);
    const same = then.allowed === first.allowed && then.manual === first.manual && then.overrun === first.overrun;
    if (!same) changesAt ??= at;
    if (then.allowed) until ??= at;
  }
  const end = until === undefined ? 'until further notice' : `until ${timestamp(until)}`;
  return { ...first, changesAt, message: `${first.why} ${end}` };
}

interface Judgement extends Pick<WindowVerdict, 'allowed' | 'manual' | 'overrun'> {
  why: string;
}

function judge(stretches: readonly Stretch[], at: number): Judgement {
  const isOpen = ({ opens, closes }: Stretch): boolean => opens <= at && at < closes;
  const denies = stretches.filter((stretch) => stretch.of.window.kind === 'deny' && isOpen(stretch));
  const allows = stretches.filter((stretch) => stretch.of.window.kind === 'allow');
  const outside = allows.length > 0 && !allows.some(isOpen);
  const forbidding = [...denies, ...(outside ? allows : [])].map(({ of }) => of.window);
  const [deny] = denies;
  return {
    allowed: forbidding.length === 0,
    manual: forbidding.every(({ manualSync }) => manualSync),
    overrun: forbidding.every(({ syncOverrun }) => syncOverrun),
    why: deny === undefined ? 'outside of the sync windows' : `in the deny window ${describe(deny.of)}`,
  };
}

function describe({ window: { schedule, duration, timeZone } }: Compiled): string {
  return `"${schedule}" (${duration}, ${timeZone})`;
}

/** From one opening of a window to the end of its duration, in milliseconds since the epoch; infinity for never. */
interface Stretch {
  of: Compiled;
  opens: number;
  closes: number;
}

/** The last stretch that a moment lies in, else the next one. */
function stretchAt(of: Compiled, at: number): Stretch {
  const last = lastOpening(of, at);
  if (last !== undefined && at < last + of.durationMs) return { of, opens: last, closes: last + of.durationMs };
  const opens = of.cron.nextRun(new Date(at))?.getTime() ?? Number.POSITIVE_INFINITY;
  return { of, opens, closes: opens + of.durationMs };
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
