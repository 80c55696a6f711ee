import type { Result } from './scenarios.ts';

const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'apply', 'delete'] as const;

/** A table for people: one line per scenario, further numbers below it. */
export function table(results: readonly Result[]): string {
  const verbs = VERBS.filter((verb) => results.some(({ requests }) => requests[verb] !== undefined));
  const renders = results.some(({ rendered }) => rendered > 0);
  const head = ['', 'seconds', ...(renders ? ['rendered'] : []), 'CPU s', 'peak RSS', 'loop p99', ...verbs];
  const rows = results.map((result) => [
    result.scenario,
    result.seconds.toFixed(2),
    ...(renders ? [String(result.rendered)] : []),
    result.cpuSeconds.toFixed(1),
    `${result.peakRssMiB} MiB`,
    `${result.eventLoopP99Ms.toFixed(0)} ms`,
    ...verbs.map((verb) => String(result.requests[verb] ?? 0)),
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  const lines = [line(head)];
  for (const [i, result] of results.entries()) {
    lines.push(line(rows[i] ?? []));
    lines.push(`    requests by resource: ${counts(result.requestsByResource)}`);
    lines.push(`    CPU seconds of others: ${counts(result.cpuSecondsOfOthers)}`);
    for (const [what, value] of Object.entries(result.details)) lines.push(`    ${what}: ${rounded(value)}`);
  }
  return lines.join('\n');
}

function counts(values: Readonly<Record<string, number>>): string {
  const named = Object.entries(values).filter(([, value]) => value > 0);
  return named.map(([name, value]) => `${name} ${Number.isInteger(value) ? value : value.toFixed(1)}`).join(', ');
}

function rounded(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(3);
}
