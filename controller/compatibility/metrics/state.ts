import { findCondition } from '../../api/conditions.ts';
import type { AnalysisRun } from '../../api/generated/analysisrun.ts';
import type { Experiment } from '../../api/generated/experiment.ts';
import type { Rollout } from '../../api/generated/rollout.ts';
import { Reason } from '../../api/reasons.ts';
import type { KubeObject } from '../../kube/types.ts';
import { asList, asObject } from '../../rollout/plain.ts';

/** One value of a metric for an object, without the labels `namespace` and `name`. */
export type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

/** A metric that says what an object is like now. */
export interface StateMetric<T extends KubeObject> {
  name: string;
  help: string;
  labels: readonly string[];
  samples(object: T): readonly Sample[];
}

const ROLLOUT_PHASES = ['Completed', 'Progressing', 'Paused', 'Timeout', 'Error', 'Abort'] as const;
const RUN_PHASES = ['Pending', 'Error', 'Failed', 'Successful', 'Running', 'Inconclusive'] as const;

const gauge =
  (value: (rollout: Rollout) => number | undefined) =>
  (rollout: Rollout): readonly Sample[] => [[{}, value(rollout) ?? 0]];

/** Names, labels and values as in controller/metrics of Argo Rollouts 1.10. */
export const ROLLOUT_METRICS: readonly StateMetric<Rollout>[] = [
  {
    name: 'rollout_info',
    help: 'Information about rollout.',
    labels: ['strategy', 'traffic_router', 'phase'],
    samples: (rollout) => [[{ strategy: strategyOf(rollout), traffic_router: '', phase: phaseOf(rollout) }, 1]],
  },
  {
    name: 'rollout_info_replicas_available',
    help: 'The number of available replicas per rollout.',
    labels: [],
    samples: gauge(({ status }) => status?.availableReplicas),
  },
  {
    name: 'rollout_info_replicas_unavailable',
    help: 'The number of unavailable replicas per rollout.',
    labels: [],
    samples: gauge(({ status }) => (status?.replicas ?? 0) - (status?.availableReplicas ?? 0)),
  },
  {
    name: 'rollout_info_replicas_desired',
    help: 'The number of desired replicas per rollout.',
    labels: [],
    samples: gauge(({ spec }) => spec.replicas ?? 1),
  },
  {
    name: 'rollout_info_replicas_updated',
    help: 'The number of updated replicas per rollout.',
    labels: [],
    samples: gauge(({ status }) => status?.updatedReplicas),
  },
  {
    name: 'rollout_phase',
    help: 'Information on the state of the rollout (DEPRECATED - use rollout_info)',
    labels: ['strategy', 'phase'],
    samples: (rollout) => {
      const [strategy, now] = [strategyOf(rollout), phaseOf(rollout)];
      return ROLLOUT_PHASES.map((phase) => [{ strategy, phase }, Number(phase === now)]);
    },
  },
];

export const ANALYSIS_RUN_METRICS: readonly StateMetric<AnalysisRun>[] = [
  {
    name: 'analysis_run_info',
    help: 'Information about analysis run.',
    labels: ['phase'],
    samples: ({ status }) => [[{ phase: status?.phase ?? '' }, 1]],
  },
  {
    name: 'analysis_run_phase',
    help: 'Information on the state of the Analysis Run (DEPRECATED - use analysis_run_info)',
    labels: ['phase'],
    samples: ({ status }) => RUN_PHASES.map((phase) => [{ phase }, Number(phase === (status?.phase ?? 'Pending'))]),
  },
  {
    name: 'analysis_run_metric_type',
    help: 'Information on the type of a specific metric in the Analysis Runs',
    labels: ['metric', 'type'],
    samples: (run) => metricsOf(run).map(({ metric, type }) => [{ metric, type }, 1]),
  },
  {
    name: 'analysis_run_metric_phase',
    help: 'Information on the duration of a specific metric in the Analysis Run',
    labels: ['metric', 'type', 'dry_run', 'phase'],
    samples: (run) =>
      metricsOf(run).flatMap(({ metric, type }) => {
        const result = run.status?.metricResults?.find(({ name }) => name === metric);
        const labels = { metric, type, dry_run: String(result?.dryRun === true) };
        const now = result?.phase ?? 'Pending';
        return RUN_PHASES.map((phase): Sample => [{ ...labels, phase }, Number(phase === now)]);
      }),
  },
];

export const TEMPLATE_METRICS: readonly StateMetric<KubeObject>[] = [
  {
    name: 'analysis_template_info',
    help: 'Information about analysis templates.',
    labels: [],
    samples: () => [[{}, 1]],
  },
  {
    name: 'analysis_template_metric_info',
    help: 'Information on metrics in analysis templates.',
    labels: ['type', 'metric'],
    samples: (template) => metricsOf(template).map(({ metric, type }) => [{ type, metric }, 1]),
  },
];

export const EXPERIMENT_METRICS: readonly StateMetric<Experiment>[] = [
  {
    name: 'experiment_info',
    help: 'Information about Experiment.',
    labels: ['phase'],
    samples: ({ status }) => [[{ phase: status?.phase ?? '' }, 1]],
  },
  {
    name: 'experiment_phase',
    help: 'Information on the state of the experiment (DEPRECATED - use experiment_info)',
    labels: ['phase'],
    samples: ({ status }) =>
      RUN_PHASES.filter((phase) => phase !== 'Failed').map((phase) => [
        { phase },
        Number(phase === (status?.phase ?? 'Pending')),
      ]),
  },
];

function strategyOf({ spec }: Rollout): string {
  const { blueGreen, canary } = asObject(spec?.strategy) ?? {};
  return blueGreen !== undefined ? 'blueGreen' : canary !== undefined ? 'canary' : 'none';
}

function phaseOf({ status }: Rollout): string {
  if (findCondition(status?.conditions, 'InvalidSpec') !== undefined) return 'InvalidSpec';
  // A write was refused; there it is one that makes a ReplicaSet.
  if (findCondition(status?.conditions, 'Stalled')?.status === 'True') return 'Error';
  switch (findCondition(status?.conditions, 'Progressing')?.reason) {
    case Reason.NewReplicaSetAvailable:
      return 'Completed';
    case Reason.RolloutPaused:
      return 'Paused';
    case Reason.ProgressDeadlineExceeded:
      return 'Timeout';
    case Reason.RolloutAborted:
      return 'Abort';
    default:
      return 'Progressing';
  }
}

/** The metrics of a run or a template, each with its provider as Argo Rollouts calls it. */
function metricsOf(object: KubeObject): { metric: string; type: string }[] {
  return asList(asObject(object['spec'])?.['metrics']).map((raw) => {
    const { name, provider } = asObject(raw) ?? {};
    const used = PROVIDERS.find(([field]) => asObject(provider)?.[field] !== undefined);
    return { metric: String(name), type: used?.[1] ?? 'Unknown Provider' };
  });
}

const PROVIDERS = [
  ['prometheus', 'Prometheus'],
  ['job', 'Job'],
  ['kayenta', 'Kayenta'],
  ['web', 'Web'],
  ['datadog', 'Datadog'],
  ['wavefront', 'Wavefront'],
  ['newRelic', 'NewRelic'],
  ['cloudWatch', 'CloudWatch'],
  ['graphite', 'Graphite'],
  ['influxdb', 'Influxdb'],
  ['skywalking', 'skywalking'],
  ['plugin', 'RPCPlugin'],
] as const;
