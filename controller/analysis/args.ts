import { SlipwayError } from '../platform/errors.ts';

/** Text of a metric refers to an argument that the run does not have. */
export class ArgumentError extends SlipwayError {
  constructor(message: string) {
    super('ArgumentUnresolved', message);
  }
}

/**
 * Replaces every `{{args.NAME}}` in the strings of a value, at any depth. Replaced text is not looked at again.
 * Anything else in double braces is an error too: sent on, it would be an obscure one of the metrics server.
 */
export function substituteArgs<T>(value: T, args: ReadonlyMap<string, string>): T {
  return substitute(value, args) as T;
}

function substitute(value: unknown, args: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string')
    return value.replaceAll(/\{\{([^{}]*)\}\}/g, (_, inner: string) => lookUp(inner, args));
  if (Array.isArray(value)) return value.map((item) => substitute(item, args));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, substitute(item, args)]));
  }
  return value;
}

function lookUp(inner: string, args: ReadonlyMap<string, string>): string {
  const name = /^\s*args\.(\S+)\s*$/.exec(inner)?.[1];
  const found = name === undefined ? undefined : args.get(name);
  if (found !== undefined) return found;
  if (name === undefined) throw new ArgumentError(`{{${inner}}} is not known: write {{args.NAME}}`);
  const known = [...args.keys()].sort().join(', ');
  throw new ArgumentError(
    `{{args.${name}}} has no value (args: ${known === '' ? 'none' : known}): give it in spec.args of the template or in ` +
      'the args of the analysis step',
  );
}
