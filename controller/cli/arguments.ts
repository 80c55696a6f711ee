import { InvalidArgumentError } from 'commander';
import type { ApplicationOperationSyncResource } from '../api/generated/application.ts';
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

/** The id of an entry in a history. */
export function historyId(text: string): number {
  if (!/^(0|[1-9][0-9]{0,14})$/.test(text)) throw new InvalidArgumentError('an id is a number of "app history"');
  return Number(text);
}

/**
 * An object as `group:kind:namespace/name`, added to those before; the group of the core kinds is empty (`:Service:ml/fraud`),
 * and without a namespace any is meant.
 */
export function resource(
  text: string,
  before: ApplicationOperationSyncResource[] = [],
): ApplicationOperationSyncResource[] {
  const match = /^([^:/]*):([^:/]+):(?:([^:/]+)\/)?([^/]+)$/.exec(text);
  if (match === null) {
    throw new InvalidArgumentError(
      'write group:kind:namespace/name, for example apps:Deployment:ml/fraud or :Service:fraud',
    );
  }
  const [, group = '', kind = '', namespace, name = ''] = match;
  const one = { ...(group !== '' && { group }), kind, ...(namespace !== undefined && { namespace }), name };
  return [...before, one];
}
