import type { AnalysisRun } from '../api/generated/analysisrun.ts';
import type { AnalysisTemplateSpec } from '../api/generated/analysistemplate.ts';
import type { Experiment } from '../api/generated/experiment.ts';
import type { Rollout, RolloutStatusModelCurrent } from '../api/generated/rollout.ts';
import type { KubeObject } from '../kube/types.ts';
import type { ConfigState } from './config/state.ts';

/** A ReplicaSet as far as decisions read it. */
export interface ReplicaSet extends KubeObject {
  spec: { replicas?: number; minReadySeconds?: number; selector: object; template: PodTemplate };
  status?: { replicas?: number; readyReplicas?: number; availableReplicas?: number; observedGeneration?: number };
}

/** Raw pod template; only the parts that Slipway touches are named. */
export interface PodTemplate {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string>; [field: string]: unknown };
  spec?: Record<string, unknown>;
  [field: string]: unknown;
}

/** The workload that spec.workloadRef names, without its template, which is in the Rollout of the snapshot. */
export type WorkloadState = { kind: WorkloadKind; name: string } & (
  | { state: 'missing' }
  | {
      state: 'found';
      generation: number | undefined;
      resourceVersion: string;
      /** spec.replicas of a Deployment. */
      replicas: number;
    }
);

/** Kinds that a Rollout can take its template from. */
export type WorkloadKind = 'Deployment' | 'ReplicaSet' | 'PodTemplate';

/** A pod as far as decisions read it. */
export interface PodState {
  name: string;
  uid: string;
  labels: Readonly<Record<string, string>>;
  annotations: Readonly<Record<string, string>>;
  /** uid of the ReplicaSet that made it. */
  replicaSet: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  /** It serves, for as long as minReadySeconds asks. */
  available: boolean;
  /** It is about to go. */
  leaving: boolean;
}

/** A Service as far as decisions read it. */
export interface Service extends KubeObject {
  spec: { selector?: Record<string, string>; [field: string]: unknown };
}

/** The requests that the Service of an Experiment gets. */
export interface AdditionalWeight {
  service: string;
  /** Percent of all requests. */
  weight: number;
}

/** How a header, a path or a method is matched. */
export type TextMatch =
  | { type: 'exact'; value: string }
  | { type: 'prefix'; value: string }
  | { type: 'regex'; value: string };

/** One way to match a request; everything that is given has to match. */
export interface RequestMatch {
  method?: string;
  path?: TextMatch;
  headers: readonly { name: string; value: TextMatch }[];
}

/** What steps ask of a router beside the weights, under one of the names in `managedRoutes`. */
export type ManagedRoute =
  /** Requests with all these headers go to the canary Service. */
  | { kind: 'header'; name: string; matches: readonly RequestMatch[] }
  /** Of requests that match one of these, a copy goes to the canary Service; nobody gets its answer. */
  | { kind: 'mirror'; name: string; matches: readonly RequestMatch[]; percentage: number };

/** A managed route as a router has it now. */
export interface ShownRoute {
  name: string;
  /** `keyOfManaged` of the route that it is; undefined when it is none that the steps of the spec ask for. */
  key: string | undefined;
}

/** What one router says of its split between the canary and the stable Service. */
export type RouteState =
  | { name: string; state: 'missing' }
  /** The object exists and cannot be used, for example no rule has both Services as backends. */
  | { name: string; state: 'invalid'; message: string }
  | {
      name: string;
      state: 'present';
      /** Percent for the canary in every managed rule; undefined when rules disagree or do not sum to 100. */
      canaryWeight: number | undefined;
      /** What the Services of Experiments have in every managed rule; absent: nothing. */
      additional?: readonly AdditionalWeight[];
      /** The router's own status says that it accepted this generation; `reason` says what it waits for or refuses. */
      accepted: 'yes' | 'pending' | 'refused';
      reason?: string;
      /** What it has of the managed routes of this Rollout, in its order. Absent: nothing. */
      managed?: readonly ShownRoute[];
      /** Routes that the steps ask for and that it cannot carry, by key, with the reason. */
      cannot?: readonly { key: string; message: string }[];
    };

/** What is known of the model version that the spec asks for. */
export type ModelState =
  /** The Rollout has no spec.model. */
  | { state: 'none' }
  | { state: 'resolved'; identity: RolloutStatusModelCurrent }
  /** Asked, no answer yet; a resolve is under way. */
  | { state: 'pending' }
  /** The registry cannot be asked now; it is asked again. Blocks only the start of a new version. */
  | { state: 'unavailable'; code: string; message: string }
  /** The version must not be started: missing, not READY, or no longer what it was. */
  | { state: 'refused'; code: string; message: string };

/** A template that an analysis step names, or why it cannot be used. */
export type TemplateState =
  | { state: 'found'; spec: AnalysisTemplateSpec }
  | { state: 'missing' }
  /** It cannot be read; the message names the field and the remedy. */
  | { state: 'invalid'; message: string };

/** Everything that one decision about one Rollout may look at. Plain data, taken from caches at one moment. */
export interface RolloutSnapshot {
  /** With spec.workloadRef its template and selector are those of the workload. */
  rollout: Rollout;
  /** undefined: the spec has its own template. */
  workload?: WorkloadState;
  /** ReplicaSets controlled by this Rollout, in any order. */
  replicaSets: readonly ReplicaSet[];
  /** Names of ReplicaSets of the namespace that this Rollout may not use because they are not its own. */
  foreignReplicaSets?: readonly string[];
  /** AnalysisRuns controlled by this Rollout. */
  analysisRuns: readonly AnalysisRun[];
  /** Experiments controlled by this Rollout. */
  experiments: readonly Experiment[];
  /**
   * By name: those that spec mentions (one that is not here does not exist) and those whose annotation still names this
   * Rollout although spec no longer does.
   */
  services: Readonly<Record<string, Service>>;
  /** One for each HTTPRoute of spec.strategy.canary.trafficRouting, in that order. */
  routes: readonly RouteState[];
  model: ModelState;
  /** What its ConfigMaps and Secrets say; undefined when their changes start no revision. */
  config?: ConfigState;
  /** The pods of this Rollout; undefined when they were not read, since nothing is to be done with them. */
  pods?: readonly PodState[];
  /** By `templateName` or `cluster/templateName`. */
  templates: Readonly<Record<string, TemplateState>>;
  /** Names of older Rollouts in the namespace that use one of this Rollout's Services. */
  serviceConflicts: readonly { service: string; rollout: string }[];
  /** Older Rollouts in the namespace that take their pods by the same selector, or their template from the same workload. */
  rivals?: readonly { by: 'selector' | 'workload'; rollout: string }[];
  /**
   * The API server's answer to a dry-run of the ReplicaSet for the current template; undefined when it is good, already
   * exists, or was not asked.
   */
  templateError?: string;
  /** The revision is also kept on the Rollout itself, for tools that look for it there. */
  notesRevision?: boolean;
}
