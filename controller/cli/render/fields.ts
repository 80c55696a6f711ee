import { WIDTH, wrap } from './wrap.ts';

/** Width of the column of names. */
const NAMES = 13;

/** `Name:        value`; a long value goes on below itself. */
export function field(name: string, value: string): string {
  const [first = '', ...rest] = wrap(value, WIDTH - NAMES);
  const head = name === '' ? '' : `${name}:`;
  return [`${head.padEnd(NAMES)}${first}`.trimEnd(), ...rest.map((line) => ' '.repeat(NAMES) + line)].join('\n');
}
