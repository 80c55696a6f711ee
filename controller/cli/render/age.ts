import { humanDuration } from '../../platform/duration.ts';

/** How long ago a time of the API server was, `12m`; empty for none. `now` in milliseconds since the epoch. */
export function age(time: string | undefined, now: number): string {
  const then = Date.parse(time ?? '');
  return Number.isNaN(then) ? '' : humanDuration(now - then);
}
