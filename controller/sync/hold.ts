import type { Application } from '../api/generated/application.ts';
import type { WindowVerdict } from './windows.ts';

/** Something that must happen before a sync starts by itself. */
export interface Hold {
  message: string;
  /** What runs stops, too, after the objects that are being written. */
  stops: { byItself: boolean; asked: boolean };
  /** Drift is not put right either. */
  drift: boolean;
  /** It is worth telling also when there is nothing to sync. */
  always: boolean;
}

/** Whoever waits for others lets what it began end, and keeps what it has applied as it was. */
export const LETS_GO_ON = { stops: { byItself: false, asked: false }, drift: false } as const;

/** What holds an Application: its sync windows, the Applications that it depends on, or both. */
export function holdBy(windows: WindowVerdict | undefined, dependencies: Hold | undefined): Hold | undefined {
  if (windows === undefined || windows.allowed) return dependencies;
  const messages = [windows.message, ...(dependencies?.always === true ? [dependencies.message] : [])];
  const stops = { byItself: !windows.overrun, asked: !windows.overrun && !windows.manual };
  return { message: messages.join('; '), stops, drift: true, always: true };
}

/** The sync windows of an Application; undefined when it has none. */
export function windowsOf({ spec }: Application): NonNullable<Application['spec']['syncPolicy']>['syncWindows'] {
  const windows = spec.syncPolicy?.syncWindows;
  return windows?.length === 0 ? undefined : windows;
}
