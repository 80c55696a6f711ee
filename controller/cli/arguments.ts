import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../platform/duration.ts';
import { messageOf } from '../platform/errors.ts';

/** Milliseconds of an argument such as `5m`; a mistake is shown with the name of the option. */
export function duration(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error));
  }
}
