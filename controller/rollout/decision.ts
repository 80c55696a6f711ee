import type { AnalysisRun } from '../api/generated/analysisrun.ts';
import type { Experiment } from '../api/generated/experiment.ts';
import type { RolloutStatus } from '../api/generated/rollout.ts';
import type { AdditionalWeight, ManagedRoute, ReplicaSet, Service } from './snapshot.ts';

/** A backend for the Service of an Experiment, beside those of the two Services of the Rollout. */
export interface AdditionalBackend extends AdditionalWeight {
  port: number;
}

/**
 * One effect on the cluster. A decision lists commands in the order of the rule "add capacity, route, remove capacity";
 * they are executed one after another and the first failure stops the rest. Each is idempotent and carries the
 * precondition under which it was decided.
 */
export type Command =
  | { type: 'createReplicaSet'; replicaSet: ReplicaSet }
  /** Sets spec.replicas, spec.minReadySeconds, annotations (null removes one) and parts of the template; precondition: resourceVersion. */
  | {
      type: 'updateReplicaSet';
      name: string;
      resourceVersion: string;
      replicas?: number;
      minReadySeconds?: number;
      annotations?: Record<string, string | null>;
      template?: TemplatePatch;
      why: string;
    }
  | { type: 'deleteReplicaSet'; name: string; uid: string }
  /** Takes pods of the Deployment that the Rollout replaces; precondition: resourceVersion. */
  | { type: 'scaleDeployment'; name: string; resourceVersion: string; replicas: number }
  /** Has the API server remove a pod, unless a PodDisruptionBudget is against it; then it is asked again later. */
  | { type: 'evictPod'; name: string; uid: string }
  /** Sets labels and annotations of a pod (null removes one); one that is gone needs nothing. */
  | { type: 'patchPod'; name: string; uid: string; metadata: MetadataPatch }
  /** Sets the hash in the selector (null removes it and the managed-by annotation); precondition: resourceVersion. */
  | { type: 'setServiceSelector'; service: string; resourceVersion: string; hash: string | null }
  /**
   * Sets the percentages on every managed rule of the HTTPRoute, and what it is to have of managed routes (absent: as it is);
   * the router's acceptance is read in a later snapshot.
   */
  | {
      type: 'setWeights';
      route: string;
      canaryWeight: number;
      additional?: readonly AdditionalBackend[];
      managed?: readonly ManagedRoute[];
    }
  | { type: 'createAnalysisRun'; run: AnalysisRun }
  | { type: 'terminateAnalysisRun'; name: string }
  | { type: 'deleteAnalysisRun'; name: string; uid: string }
  | { type: 'createExperiment'; experiment: Experiment }
  | { type: 'terminateExperiment'; name: string }
  | { type: 'deleteExperiment'; name: string; uid: string }
  /** Annotation on the Rollout itself, for example the revision. */
  | { type: 'annotateRollout'; annotations: Record<string, string> };

/** What only an Experiment does besides: its templates have Services of their own. */
export type ServiceCommand =
  | { type: 'createService'; service: Service }
  | { type: 'deleteService'; name: string; uid: string };

export type AnyCommand = Command | ServiceCommand;

/** Changes of labels and annotations; null removes one. */
export interface MetadataPatch {
  labels?: Record<string, string | null>;
  annotations?: Record<string, string | null>;
}

/** A merge patch of a pod template. It restarts no pod: those that are there stay as they are. */
export interface TemplatePatch {
  metadata?: MetadataPatch;
  spec?: { affinity: object };
}

/** An Event to record on the Rollout. */
export interface DecisionEvent {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
}

export interface RolloutDecision {
  commands: readonly Command[];
  /** The whole next status. It is written only when it differs, with a precondition on the Rollout that was read. */
  status: RolloutStatus;
  events: readonly DecisionEvent[];
  /** Look again after this many milliseconds even if nothing changes; undefined when only a change matters. */
  requeueAfterMs?: number;
}
