import type { RolloutSpec } from '../api/generated/rollout.ts';
import { MANAGED_BY_ANNOTATION, POD_TEMPLATE_HASH_LABEL } from '../api/names.ts';
import { mergeAnalysis } from './analysis-templates.ts';
import { antiAffinityProblem } from './anti-affinity.ts';
import { blueGreenProblems, promotionAnalysisProblems } from './blue-green/validate.ts';
import { fencepostProblem } from './fenceposts.ts';
import { asObject } from './plain.ts';
import { podMetadataProblems } from './pod-metadata.ts';
import type { Problem } from './problem.ts';
import { selects } from './selector.ts';
import type { Settings } from './settings.ts';
import type { PodTemplate, RolloutSnapshot, RouteState } from './snapshot.ts';
import { type Step, weightAt } from './steps.ts';
import { experimentProblem } from './validate-experiment.ts';
import type { WantedVersion } from './wanted-version.ts';

const CANARY = 'spec.strategy.canary';
const BLUE_GREEN = 'spec.strategy.blueGreen';

/** Everything that keeps the spec from being acted on, the most basic first. */
export function validate(snapshot: RolloutSnapshot, settings: Settings, wanted: WantedVersion): readonly Problem[] {
  const { spec } = snapshot.rollout;
  return [
    ...templateProblems(snapshot, wanted),
    ...rivalProblems(snapshot),
    ...strategyProblems(spec, settings),
    ...serviceProblems(snapshot, settings),
    ...routeProblems(snapshot, settings),
    ...dressProblems(snapshot, settings),
    ...stepProblems(snapshot, settings),
    ...backgroundProblems(snapshot, settings),
    ...promotionAnalysisProblems(snapshot, settings),
  ];
}

function templateProblems({ rollout, workload, templateError }: RolloutSnapshot, wanted: WantedVersion): Problem[] {
  const { spec } = rollout;
  if (workload?.state === 'missing') {
    const problem = `${workload.kind} "${workload.name}" does not exist: create it or correct the name`;
    return [{ field: 'spec.workloadRef', problem }];
  }
  const problems: Problem[] = [];
  const where = workload === undefined ? 'spec.template' : `${workload.kind} "${workload.name}": its template`;
  const labels = (asObject(spec.template) as PodTemplate | undefined)?.metadata?.labels ?? {};
  if (!selects(asObject(spec.selector) ?? {}, labels)) {
    problems.push({
      field: 'spec.selector',
      problem:
        workload === undefined
          ? 'does not match spec.template.metadata.labels: give the template the labels of the selector'
          : `does not match the labels in the template of ${workload.kind} "${workload.name}": remove spec.selector or correct it`,
    });
  }
  if (wanted.state === 'invalid') problems.push({ field: wanted.field, problem: wanted.problem });
  if (templateError !== undefined && wanted.state === 'known' && wanted.identity.state === 'new') {
    problems.push({ field: where, problem: templateError });
  }
  return problems;
}

/** Who was there first keeps what it has: a newcomer must not stop what runs. */
function rivalProblems({ rivals = [], workload }: RolloutSnapshot): Problem[] {
  const first = (rollout: string): string => `Rollout "${rollout}", which was there first`;
  return rivals.map(({ by, rollout }) =>
    by === 'selector'
      ? {
          field: 'spec.selector',
          problem: `selects the pods of ${first(rollout)}: give each Rollout labels of its own`,
        }
      : {
          field: 'spec.workloadRef',
          problem: `${workload?.kind} "${workload?.name}" is used by ${first(rollout)}: give each Rollout a workload of its own`,
        },
  );
}

/** Whether it can be told how versions replace each other; while it cannot, nothing at all may be done. */
export function strategyProblem(spec: RolloutSpec): Problem | undefined {
  const strategy = asObject(asObject(spec)?.['strategy']);
  const given = ['canary', 'blueGreen'].filter((name) => asObject(strategy?.[name]) !== undefined);
  return given.length === 1 ? undefined : { field: 'spec.strategy', problem: 'write exactly one of canary, blueGreen' };
}

function strategyProblems(spec: RolloutSpec, settings: Settings): Problem[] {
  const problems: Problem[] = [];
  const canary = asObject(asObject(spec.strategy)?.['canary']);
  const blueGreen = asObject(asObject(spec.strategy)?.['blueGreen']);
  const unclear = strategyProblem(spec);
  if (unclear !== undefined) problems.push(unclear);
  for (const name of ['maxSurge', 'maxUnavailable']) {
    const problem = fencepostProblem((canary ?? blueGreen)?.[name]);
    if (problem !== undefined) problems.push({ field: `${canary ? CANARY : BLUE_GREEN}.${name}`, problem });
  }
  if (settings.blueGreen !== undefined) problems.push(...blueGreenProblems(settings.blueGreen));
  const { canaryService, stableService, routed } = settings;
  if (routed && (canaryService === undefined || stableService === undefined)) {
    problems.push({ field: `${CANARY}.trafficRouting`, problem: 'needs canaryService and stableService' });
  }
  if (canary?.['dynamicStableScale'] === true) {
    const field = `${CANARY}.dynamicStableScale`;
    if (!routed) problems.push({ field, problem: 'needs trafficRouting' });
    if ((canary['scaleDownDelaySeconds'] ?? undefined) !== undefined) {
      problems.push({ field, problem: 'cannot be combined with scaleDownDelaySeconds: remove one' });
    }
  }
  if (canaryService !== undefined && canaryService === stableService) {
    problems.push({
      field: `${CANARY}.stableService`,
      problem: 'must be another Service than canaryService',
      service: stableService,
    });
  }
  return problems;
}

function serviceProblems(snapshot: RolloutSnapshot, settings: Settings): Problem[] {
  const { canaryService, stableService, blueGreen } = settings;
  const named = {
    [`${CANARY}.canaryService`]: canaryService,
    [`${CANARY}.stableService`]: stableService,
    [`${BLUE_GREEN}.activeService`]: blueGreen?.activeService,
    [`${BLUE_GREEN}.previewService`]: blueGreen?.previewService,
  };
  return Object.entries(named).flatMap(([field, name]) => {
    if (name === undefined) return [];
    const problem = serviceProblem(snapshot, name);
    return problem === undefined ? [] : [{ field, problem, service: name }];
  });
}

function serviceProblem(snapshot: RolloutSnapshot, name: string): string | undefined {
  const service = Object.hasOwn(snapshot.services, name) ? snapshot.services[name] : undefined;
  if (service === undefined) return `Service "${name}" does not exist: create it or correct the name`;
  const owner = service.metadata.annotations?.[MANAGED_BY_ANNOTATION];
  const self = snapshot.rollout.metadata.name;
  if (owner !== undefined && owner !== self) {
    return `Service "${name}" is managed by Rollout "${owner}": use another, or remove the annotation ${MANAGED_BY_ANNOTATION}`;
  }
  // Who already has the Service keeps it: a newcomer must not stop what runs.
  const conflict = snapshot.serviceConflicts.find((one) => one.service === name);
  if (conflict !== undefined && owner !== self) {
    return `Service "${name}" is also used by Rollout "${conflict.rollout}": give each Rollout its own Services`;
  }
  const { [POD_TEMPLATE_HASH_LABEL]: _, ...selector } = service.spec.selector ?? {};
  if (Object.keys(selector).length === 0)
    return `Service "${name}" has no selector: give it the labels of the template`;
  if (snapshot.workload?.state === 'missing') return undefined;
  const labels = (asObject(snapshot.rollout.spec.template) as PodTemplate | undefined)?.metadata?.labels ?? {};
  const wrong = Object.entries(selector).find(([key, value]) => labels[key] !== value);
  return wrong === undefined
    ? undefined
    : `Service "${name}" selects ${wrong[0]}=${wrong[1]}, which spec.template.metadata.labels does not have`;
}

function routeProblems(snapshot: RolloutSnapshot, settings: Settings): Problem[] {
  if (!settings.routed) return [];
  const field = (index: number): string => `${CANARY}.trafficRouting.gatewayAPI.httpRoutes[${index}]`;
  if (snapshot.routes.length === 0) return [{ field: field(0), problem: 'name at least one HTTPRoute' }];
  return snapshot.routes.flatMap((route, index) => {
    const problem = routeProblem(route);
    return problem === undefined ? [] : [{ field: field(index), problem }];
  });
}

function routeProblem(route: RouteState): string | undefined {
  switch (route.state) {
    case 'missing':
      return `HTTPRoute "${route.name}" does not exist: create it or correct the name`;
    case 'invalid':
      return route.message;
    case 'present':
      return route.cannot?.[0]?.message;
  }
}

/** Labels, annotations and anti-affinity that pods are to have for their part in the release. */
function dressProblems({ rollout, services }: RolloutSnapshot, settings: Settings): Problem[] {
  const { canary, blueGreen } = (asObject(rollout.spec.strategy) ?? {}) as Record<string, unknown>;
  const [raw, where, fields] =
    settings.blueGreen === undefined
      ? [asObject(canary), CANARY, ['canaryMetadata', 'stableMetadata']]
      : [asObject(blueGreen), BLUE_GREEN, ['activeMetadata', 'previewMetadata']];
  const used = Object.values(services);
  const found = fields.flatMap((name) =>
    podMetadataProblems(raw?.[name], `${where}.${name}`, rollout.spec.selector, used),
  );
  const apart = antiAffinityProblem(raw?.['antiAffinity']);
  return apart === undefined ? found : [...found, { field: `${where}.antiAffinity`, problem: apart }];
}

/** Everything of an analysis that does not depend on the progress of the release. */
function analysisProblem(
  snapshot: RolloutSnapshot,
  analysis: Parameters<typeof mergeAnalysis>[0],
): { field: string; problem: string } | undefined {
  const sources = { rollout: snapshot.rollout, stableHash: undefined, latestHash: undefined };
  const merged = mergeAnalysis(analysis, snapshot.templates, sources, true);
  return 'problem' in merged ? merged : undefined;
}

function backgroundProblems(snapshot: RolloutSnapshot, { background, steps }: Settings): Problem[] {
  if (background === undefined) return [];
  const found = analysisProblem(snapshot, background.analysis);
  const late = background.startingStep > 0 && background.startingStep >= steps.length;
  return [
    ...(found === undefined ? [] : [{ field: `${CANARY}.${found.field}`, problem: found.problem }]),
    ...(late
      ? [{ field: `${CANARY}.analysis.startingStep`, problem: `there are ${steps.length} steps: write a lower one` }]
      : []),
  ];
}

function stepProblems(snapshot: RolloutSnapshot, settings: Settings): Problem[] {
  return settings.steps.flatMap((step, index) => {
    const found = stepProblem(snapshot, step, settings, weightAt(settings.steps, index));
    return found === undefined ? [] : [{ field: `${CANARY}.steps[${index}]${found.field}`, problem: found.problem }];
  });
}

function stepProblem(
  snapshot: RolloutSnapshot,
  step: Step,
  settings: Settings,
  weight: number,
): { field: string; problem: string } | undefined {
  switch (step.kind) {
    case 'setWeight':
    case 'setCanaryScale':
    case 'pause':
      return undefined;
    case 'setHeaderRoute':
    case 'setMirrorRoute': {
      if (!settings.routed) return { field: `.${step.kind}`, problem: 'needs trafficRouting' };
      // The definitions of Argo Rollouts let any text pass.
      if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(step.name)) {
        const problem = `"${step.name}" is no name: write at most 63 small letters, digits and "-"`;
        return { field: `.${step.kind}.name`, problem };
      }
      if (settings.managedRoutes.includes(step.name)) return undefined;
      const problem = `"${step.name}" is not in ${CANARY}.trafficRouting.managedRoutes: add it there`;
      return { field: `.${step.kind}.name`, problem };
    }
    case 'invalid':
      return step;
    case 'experiment':
      return experimentProblem(snapshot, step.experiment, { routed: settings.routed, weight });
    case 'analysis': {
      const found = analysisProblem(snapshot, step.analysis);
      return found === undefined ? undefined : { ...found, field: `.${found.field}` };
    }
  }
}
