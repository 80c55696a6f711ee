import type { Cost } from './cost.ts';
import type { Fact } from './facts.ts';
import type { Exhibit, Timing } from './stage.ts';
import type { Answer } from './traffic.ts';

/** Everything that the summary tells. */
export interface Outcome {
  readonly facts: readonly Fact[];
  readonly answers: readonly Answer[];
  readonly timings: readonly Timing[];
  readonly exhibits: readonly Exhibit[];
  readonly cost: Cost | undefined;
}

/** The summary as text. */
export function summarize(outcome: Outcome): string {
  const { facts, answers, timings, exhibits, cost } = outcome;
  const failed = facts.filter((fact) => !fact.holds);
  return [
    ...exhibits.flatMap(({ command, output }) => [`$ ${command}`, output.trimEnd(), '']),
    heading('Who answered'),
    ...table(['while', 'requests', 'answered by', 'failed'], servedByPhase(answers)),
    '',
    heading('How long it took'),
    ...table(
      ['what', 'seconds'],
      timings.map(({ what, ms }) => [what, (ms / 1000).toFixed(2)]),
    ),
    '',
    ...(cost === undefined
      ? []
      : [heading(`What the controller costs at rest (${cost.seconds} s)`), ...costLines(cost), '']),
    heading('Facts'),
    `${facts.length - failed.length} of ${facts.length} facts hold`,
    ...failed.map((fact) => `✖ ${fact.journey}: ${fact.name}: ${fact.seen}`),
  ].join('\n');
}

/** One row per phase, in the order in which they began: requests, who answered how many, whose failures. */
export function servedByPhase(answers: readonly Answer[]): string[][] {
  const phases = new Map<string, Answer[]>();
  for (const answer of [...answers].sort((a, b) => a.sentAt - b.sentAt)) {
    const list = phases.get(answer.phase);
    if (list === undefined) phases.set(answer.phase, [answer]);
    else list.push(answer);
  }
  return [...phases].map(([phase, list]) => {
    const bad = list.filter(({ status }) => status !== 200);
    return [phase, String(list.length), countByVersion(list), bad.length === 0 ? '0' : countByVersion(bad)];
  });
}

function countByVersion(answers: readonly Answer[]): string {
  const counts = new Map<string, number>();
  for (const { version } of answers) {
    const who = version === undefined ? 'no version' : `version ${version}`;
    counts.set(who, (counts.get(who) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([who, count]) => `${who}: ${count}`)
    .join(', ');
}

function costLines(cost: Cost): string[] {
  const perMinute = cost.requests?.map(({ what, perMinute: count }) => `${what} ${count}`);
  return [
    `memory ${cost.rssMb} MiB (at most ${cost.peakRssMb}), processor ${cost.cpuPercent.toFixed(1)} % of one core`,
    `requests to the API server per minute: ${perMinute === undefined ? 'not measured, there is no audit log' : perMinute.join(', ') || 'none'}`,
  ];
}

function heading(text: string): string {
  return `── ${text} ${'─'.repeat(Math.max(0, 70 - text.length))}`;
}

/** Left-aligned columns, two spaces apart. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
