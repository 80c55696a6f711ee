import type { AnalysisRun } from '../../api/generated/analysisrun.ts';
import type { Experiment, ExperimentStatus } from '../../api/generated/experiment.ts';
import type { AnyCommand, DecisionEvent } from '../decision.ts';
import type { ReplicaSet, Service, TemplateState } from '../snapshot.ts';

/** Everything that one decision about one Experiment may look at. Plain data, taken from caches at one moment. */
export interface ExperimentSnapshot {
  experiment: Experiment;
  /** ReplicaSets controlled by this Experiment, in any order. */
  replicaSets: readonly ReplicaSet[];
  /** Services controlled by it. */
  services: readonly Service[];
  /** AnalysisRuns controlled by it. */
  analysisRuns: readonly AnalysisRun[];
  /** By `templateName` or `cluster/templateName`. */
  templates: Readonly<Record<string, TemplateState>>;
  /** Names of Services to which a Rollout may still send requests. */
  routedServices?: readonly string[];
  /** By name of a ReplicaSet, Service or AnalysisRun: why the API server will not have it. */
  refused?: Readonly<Record<string, string>>;
}

export interface ExperimentDecision {
  /** In the order of the rule "add capacity, measure, remove capacity"; see {@link AnyCommand}. */
  commands: readonly AnyCommand[];
  /** The whole next status. It is written only when it differs, with a precondition on the Experiment that was read. */
  status: ExperimentStatus;
  events: readonly DecisionEvent[];
  /** Look again after this many milliseconds even if nothing changes; undefined when only a change matters. */
  requeueAfterMs?: number;
}
