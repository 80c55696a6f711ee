import { findCondition, type NewCondition, setCondition } from '../api/conditions.ts';
import type { RolloutStatus, RolloutStatusCondition } from '../api/generated/rollout.ts';
import { Reason } from '../api/reasons.ts';
import type { RolloutDecision } from './decision.ts';
import { describeProblems, type Problem } from './problem.ts';
import type { RolloutSnapshot } from './snapshot.ts';

/** The status that says that the spec cannot be acted on at all. The rest stays what it was: nothing could be decided. */
export function unreadableStatus(
  before: RolloutStatus,
  problem: string,
  observedGeneration: number,
  now: number,
): RolloutStatus {
  const nothing = 'the spec cannot be acted on';
  const said: Omit<NewCondition, 'observedGeneration'>[] = [
    { type: 'InvalidSpec', status: 'True', reason: Reason.InvalidSpec, message: problem },
    { type: 'Progressing', status: 'Unknown', reason: Reason.InvalidSpec, message: nothing },
    { type: 'Healthy', status: 'False', reason: Reason.InvalidSpec, message: nothing },
  ];
  let conditions: readonly RolloutStatusCondition[] = before.conditions ?? [];
  for (const one of said) conditions = setCondition(conditions, { ...one, observedGeneration }, now);
  const message = `${Reason.InvalidSpec}: ${problem}`;
  return { ...before, observedGeneration, phase: 'Degraded', message, conditions: [...conditions] };
}

/** The spec leaves open what is wanted at all: says so, and leaves everything as it is. */
export function unreadable(
  { rollout }: RolloutSnapshot,
  status: RolloutStatus,
  problem: Problem,
  now: number,
): RolloutDecision {
  const message = describeProblems([problem]);
  const told = findCondition(status.conditions, 'InvalidSpec')?.message === message;
  return {
    commands: [],
    status: unreadableStatus(status, message, rollout.metadata.generation ?? 0, now),
    events: told ? [] : [{ type: 'Warning', reason: Reason.InvalidSpec, message }],
  };
}
