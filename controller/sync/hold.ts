import type { Application } from '../api/generated/application.ts';
import type { WindowVerdict } from './windows.ts';

/** Something that must happen before a sync starts by itself. What somebody asks for does not wait for it. */
export interface Hold {
  message: string;
  /** What runs already stops, too, after the objects that are being written. */
  stops: boolean;
  /** It is worth telling also when there is nothing to sync. */
  always: boolean;
}

/** What holds an Application: its sync windows, the Applications that it depends on, or both. */
export function holdBy(windows: WindowVerdict | undefined, dependencies: Hold | undefined): Hold | undefined {
  if (windows === undefined || windows.allowed) return dependencies;
  const messages = [windows.message, ...(dependencies?.always === true ? [dependencies.message] : [])];
  return { message: messages.join('; '), stops: !windows.overrun, always: true };
}

/** The sync windows of an Application; undefined when it has none. */
export function windowsOf({ spec }: Application): NonNullable<Application['spec']['syncPolicy']>['syncWindows'] {
  const windows = spec.syncPolicy?.syncWindows;
  return windows?.length === 0 ? undefined : windows;
}
