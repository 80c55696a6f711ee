import type { RolloutStatus, RolloutStatusCanaryWeightsAdditional } from '../api/generated/rollout.ts';
import type { AdditionalBackend } from './decision.ts';
import { servicePorts } from './experiment/objects.ts';
import { compact } from './plain.ts';
import type { Settings } from './settings.ts';
import type { AdditionalWeight, RolloutSnapshot, RouteState } from './snapshot.ts';

/** A backend of the Experiment of the step, and whose pods are behind it. */
export interface ExperimentBackend extends AdditionalBackend {
  hash: string | undefined;
}

/**
 * The requests that the Experiment of the step should get now: those of its templates whose pods and Service are there, while it
 * runs. They are taken from the stable version; where that has too few left, the Experiment gets none.
 *
 * @param canaryWeight percent for the version under test
 */
export function experimentBackends(
  { experiments }: Pick<RolloutSnapshot, 'experiments'>,
  state: RolloutStatus,
  settings: Settings,
  canaryWeight: number,
): readonly ExperimentBackend[] {
  const step = settings.steps[state.currentStepIndex ?? 0];
  const name = state.canary?.currentExperiment;
  const experiment = experiments.find(({ metadata }) => metadata.name === name);
  const runs = experiment?.status?.phase === 'Running' && experiment.spec.terminate !== true;
  if (!settings.routed || step?.kind !== 'experiment' || experiment === undefined || !runs) return [];
  const backends = step.experiment.templates.flatMap((template): ExperimentBackend[] => {
    const seen = experiment.status?.templateStatuses?.find((one) => one.name === template.name);
    const made = experiment.spec.templates.find((one) => one.name === template.name);
    const port = servicePorts(made?.template)[0]?.['port'];
    const { serviceName: service, status, podTemplateHash: hash } = seen ?? {};
    const ready = status === 'Running' && service !== undefined && typeof port === 'number';
    return ready && (template.weight ?? 0) > 0 ? [{ service, port, weight: template.weight ?? 0, hash }] : [];
  });
  return canaryWeight + sumOf(backends) <= 100 ? backends : [];
}

/**
 * Those that may be written to the routes: what is recorded in the status. The record comes first, so that nobody takes away the
 * pods, or the backend of the route, while requests may go there.
 */
export function recordedBackends(
  backends: readonly ExperimentBackend[],
  before: RolloutStatus,
): readonly AdditionalBackend[] {
  const recorded = before.canary?.weights?.additional ?? [];
  return backends
    .filter(({ service }) => recorded.some(({ serviceName }) => serviceName === service))
    .map(({ service, port, weight }) => ({ service, port, weight }));
}

/** What the status records: what is wanted, and what requests may still go to. */
export function backendRecord(
  backends: readonly ExperimentBackend[],
  before: RolloutStatus,
  routes: readonly RouteState[],
): RolloutStatusCanaryWeightsAdditional[] {
  const record = new Map<string, RolloutStatusCanaryWeightsAdditional>();
  const settled = routes.every((route) => route.state === 'present' && route.accepted === 'yes');
  for (const one of before.canary?.weights?.additional ?? []) {
    if (!settled || shows(routes, one.serviceName)) record.set(one.serviceName, one);
  }
  for (const { service, weight, hash } of backends) {
    const one = { weight, serviceName: service, podTemplateHash: hash };
    record.set(service, compact<RolloutStatusCanaryWeightsAdditional>(one));
  }
  return [...record.values()].sort((a, b) => (a.serviceName < b.serviceName ? -1 : 1));
}

/** Whether a route has exactly these. */
export function hasAdditional(route: RouteState, wanted: readonly AdditionalWeight[]): boolean {
  if (route.state !== 'present') return false;
  const shown = route.additional ?? [];
  return shown.length === wanted.length && wanted.every(({ service, weight }) => weightIn(shown, service) === weight);
}

export function sumOf(weights: readonly AdditionalWeight[]): number {
  return weights.reduce((sum, { weight }) => sum + weight, 0);
}

function weightIn(weights: readonly AdditionalWeight[], service: string): number | undefined {
  return weights.find((one) => one.service === service)?.weight;
}

function shows(routes: readonly RouteState[], service: string): boolean {
  return routes.some((route) => route.state === 'present' && weightIn(route.additional ?? [], service) !== undefined);
}
