/** Why a Rollout cannot be acted on: the field, and what to do about it. */
export interface Problem {
  field: string;
  problem: string;
  /** A Service that must not be touched because of it. */
  service?: string;
}

/** One line for all of them; the first is the one to begin with. */
export function describeProblems(problems: readonly Problem[]): string {
  const first = problems[0];
  if (first === undefined) return '';
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  return `${first.field}: ${first.problem}${more}`;
}
