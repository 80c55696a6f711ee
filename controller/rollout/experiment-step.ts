import { findCondition } from '../api/conditions.ts';
import type { Experiment } from '../api/generated/experiment.ts';
import type { RolloutStatus } from '../api/generated/rollout.ts';
import { Reason } from '../api/reasons.ts';
import type { AdvanceInput, StepResult } from './advance.ts';
import type { StepRunKey } from './analysis-step.ts';
import type { DecisionEvent } from './decision.ts';
import { byHash } from './lineup.ts';
import { paused, pauseState, unpaused } from './pause.ts';
import { compact } from './plain.ts';
import { experimentName, stepExperiment } from './step-experiment.ts';
import type { Step } from './steps.ts';

export type ExperimentPhase = NonNullable<NonNullable<Experiment['status']>['phase']>;

/** The phase of an Experiment; one without a status waits. */
export function experimentPhase(experiment: Experiment): ExperimentPhase {
  return experiment.status?.phase ?? 'Pending';
}

export function isOver(experiment: Experiment): boolean {
  const phase = experimentPhase(experiment);
  return phase !== 'Pending' && phase !== 'Running';
}

/**
 * A step that is an Experiment: it is made when the step begins, and its verdict is that of the step. Failed and Error abort;
 * without a verdict the update pauses until a person takes the version as good, or aborts.
 */
export function experimentStep(
  input: AdvanceInput,
  step: Step & { kind: 'experiment' },
  index: number,
  key: StepRunKey,
): StepResult {
  const { state, snapshot, held, now } = input;
  const name = experimentName(key);
  const made = snapshot.experiments.find(({ metadata }) => metadata.name === name);
  if (made === undefined) return held ? { result: 'wait', state } : begin(input, step, index, key);
  const seen = withExperiment(state, name);
  switch (experimentPhase(made)) {
    case 'Pending':
    case 'Running': {
      const waiting = held ? seen : unpaused(seen);
      const refused = findCondition(made.status?.conditions, 'InvalidSpec');
      if (refused?.status !== 'True') return { result: 'wait', state: waiting };
      const field = `spec.strategy.canary.steps[${index}].experiment`;
      const problem = `Experiment "${name}" cannot begin: ${refused.message}`;
      return { result: 'wait', state: waiting, invalid: { field, problem } };
    }
    case 'Successful':
      return held ? { result: 'wait', state: seen } : { result: 'done', verdict: experimentEvent(made) };
    case 'Failed':
    case 'Error':
      return { result: 'failed', why: experimentVerdict(made), verdict: experimentEvent(made) };
    case 'Inconclusive': {
      if (held) return { result: 'wait', state: seen };
      const pause = pauseState(state, 'InconclusiveExperiment');
      if (pause.state === 'resumed') return { result: 'done', resumed: true };
      if (pause.state === 'paused') return { result: 'wait', state: seen };
      return { result: 'wait', state: paused(seen, 'InconclusiveExperiment', now), verdict: experimentEvent(made) };
    }
  }
}

function begin(
  { state, snapshot, hash }: AdvanceInput,
  step: Step & { kind: 'experiment' },
  index: number,
  key: StepRunKey,
): StepResult {
  const canary = byHash(snapshot.replicaSets, hash);
  const stable = byHash(snapshot.replicaSets, state.stableRS ?? '');
  // The plan of this decision makes it.
  if (canary === undefined || stable === undefined) return { result: 'wait', state: unpaused(state) };
  const built = stepExperiment(
    key,
    step.experiment,
    { canary, stable },
    {
      rollout: { ...snapshot.rollout, status: state },
      stableHash: state.stableRS,
      latestHash: hash,
    },
  );
  if ('problem' in built) {
    const field = `spec.strategy.canary.steps[${index}].${built.field}`;
    return { result: 'wait', state, invalid: { field, problem: built.problem } };
  }
  const { experiment } = built;
  const { name } = experiment.metadata;
  const message = `Created Experiment '${name}'`;
  return {
    result: 'wait',
    state: withExperiment(unpaused(state), name),
    experiment,
    verdict: { type: 'Normal', reason: Reason.ExperimentCreated, message },
  };
}

/** The Event that tells the verdict of an Experiment. */
export function experimentEvent(experiment: Experiment): DecisionEvent {
  const phase = experimentPhase(experiment);
  return {
    type: phase === 'Successful' ? 'Normal' : 'Warning',
    reason: `Experiment${phase}`,
    message: experimentVerdict(experiment),
  };
}

/** The verdict with its cause, for example `Experiment fraud-1-2-0 Failed: error-rate 0.08 …`. */
export function experimentVerdict(experiment: Experiment): string {
  const message = experiment.status?.message;
  const why = message === undefined || message === '' ? '' : `: ${message}`;
  return `Experiment ${experiment.metadata.name} ${experimentPhase(experiment)}${why}`;
}

/** An Experiment of another step, because a person moved the index, says nothing of this one. */
export function withoutOtherExperiment(state: RolloutStatus, name: string | undefined): RolloutStatus {
  const current = state.canary?.currentExperiment;
  return current === undefined || current === name ? state : withExperiment(state, undefined);
}

export function withExperiment(state: RolloutStatus, name: string | undefined): RolloutStatus {
  const canary = compact<NonNullable<RolloutStatus['canary']>>({ ...state.canary, currentExperiment: name });
  return { ...state, canary };
}
