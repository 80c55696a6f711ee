import type {
  RolloutSpecStrategyCanaryStepAnalysis,
  RolloutSpecStrategyCanaryStepExperiment,
} from '../api/generated/rollout.ts';
import { canonicalJson } from '../manifest/canonical.ts';
import { parseDuration } from '../platform/duration.ts';
import { onceByIdentity } from './memo.ts';
import { asInteger, asList, asObject } from './plain.ts';
import { parseHeaderRoute, parseMirrorRoute, type RouteStep } from './route-steps.ts';
import { shortHash } from './short-hash.ts';

/** How many pods the version under test has, apart from its weight; `traffic`: as many as its weight needs. */
export type CanaryScale =
  | { by: 'traffic' }
  /** Percent of `spec.replicas`. */
  | { by: 'weight'; weight: number }
  | { by: 'replicas'; replicas: number };

/** One step of a canary. */
export type Step =
  | { kind: 'setWeight'; weight: number }
  | { kind: 'setCanaryScale'; scale: CanaryScale }
  /** Without a duration (milliseconds) it lasts until somebody promotes. */
  | { kind: 'pause'; durationMs: number | undefined }
  | { kind: 'analysis'; analysis: RolloutSpecStrategyCanaryStepAnalysis }
  | { kind: 'experiment'; experiment: RolloutSpecStrategyCanaryStepExperiment }
  | RouteStep
  /** It makes no sense; nothing passes it. */
  | { kind: 'invalid'; field: string; problem: string };

/** Reads spec.strategy.canary.steps; what makes no sense becomes an `invalid` step. */
export function parseSteps(raw: unknown): readonly Step[] {
  return asList(raw).map(parseStep);
}

/** The identity of a list of steps: a change of it starts the update over. */
export function stepsHash(raw: unknown): string {
  return hashOfList(asList(raw));
}

const hashOfList = onceByIdentity((steps: readonly unknown[]) => shortHash(`steps/v1\n${canonicalJson(steps)}`));

/**
 * Percent that the new version should get while the step at `index` runs: the last setWeight up to and including it.
 * Past the last step it is 100. Without steps it is 0, the new version is then promoted as a whole.
 */
export function weightAt(steps: readonly Step[], index: number): number {
  if (steps.length === 0) return 0;
  if (index >= steps.length) return 100;
  for (let i = index; i >= 0; i -= 1) {
    const step = steps[i];
    if (step?.kind === 'setWeight') return step.weight;
  }
  return 0;
}

/**
 * The last setCanaryScale up to and including the step at `index`; none past the last step. While a managed route leads to
 * the version under test, it has at least 1 % of the pods.
 */
export function scaleAt(steps: readonly Step[], index: number): CanaryScale {
  if (index >= steps.length) return { by: 'traffic' };
  const scale = lastScale(steps, index);
  const none = scale.by === 'traffic' ? weightAt(steps, index) === 0 : scale.by === 'replicas' && scale.replicas === 0;
  const least = none || (scale.by === 'weight' && scale.weight === 0);
  return least && hasRoutes(steps, index) ? { by: 'weight', weight: 1 } : scale;
}

function hasRoutes(steps: readonly Step[], index: number): boolean {
  const names = new Set<string>();
  for (const step of steps.slice(0, index + 1)) {
    if (step.kind !== 'setHeaderRoute' && step.kind !== 'setMirrorRoute') continue;
    if (step.route === undefined) names.delete(step.name);
    else names.add(step.name);
  }
  return names.size > 0;
}

function lastScale(steps: readonly Step[], index: number): CanaryScale {
  for (let i = index; i >= 0; i -= 1) {
    const step = steps[i];
    if (step?.kind === 'setCanaryScale') return step.scale;
  }
  return { by: 'traffic' };
}

/** For people, for example `2/6`: steps done of all steps; undefined without steps. */
export function stepText(steps: readonly Step[], index: number | undefined): string | undefined {
  return steps.length === 0 || index === undefined ? undefined : `${Math.min(index, steps.length)}/${steps.length}`;
}

/** What a step does, for Events and messages. */
export function describeStep(step: Step): string {
  switch (step.kind) {
    case 'setWeight':
      return `setWeight: ${step.weight}`;
    case 'setCanaryScale':
      return `setCanaryScale: ${describeScale(step.scale)}`;
    case 'pause':
      return step.durationMs === undefined ? 'pause' : `pause: ${step.durationMs / 1000}s`;
    case 'analysis':
      return `analysis: ${asList(step.analysis.templates)
        .map((template) => asObject(template)?.['templateName'])
        .join(', ')}`;
    case 'experiment':
      return `experiment: ${asList(step.experiment.templates)
        .map((template) => asObject(template)?.['name'])
        .join(', ')}`;
    case 'setHeaderRoute':
    case 'setMirrorRoute':
      return `${step.kind}: ${step.route === undefined ? 'remove ' : ''}${step.name}`;
    case 'invalid':
      return 'invalid';
  }
}

const KINDS = [
  'setWeight',
  'setCanaryScale',
  'pause',
  'analysis',
  'experiment',
  'setHeaderRoute',
  'setMirrorRoute',
] as const;

function describeScale(scale: CanaryScale): string {
  switch (scale.by) {
    case 'traffic':
      return 'match the weight';
    case 'weight':
      return `${scale.weight}%`;
    case 'replicas':
      return `${scale.replicas} replicas`;
  }
}

function parseScale(raw: Record<string, unknown>): Step {
  const field = '.setCanaryScale';
  const given = ['weight', 'replicas', 'matchTrafficWeight'].filter((name) => (raw[name] ?? false) !== false);
  const [name] = given;
  if (given.length !== 1 || name === undefined) {
    return { kind: 'invalid', field, problem: 'write exactly one of weight, replicas, matchTrafficWeight' };
  }
  if (name === 'matchTrafficWeight') return { kind: 'setCanaryScale', scale: { by: 'traffic' } };
  const value = asInteger(raw[name], 0, name === 'weight' ? 100 : 2 ** 31 - 1);
  if (value === undefined) {
    const range = name === 'weight' ? 'from 0 to 100' : 'of 0 or more';
    return { kind: 'invalid', field: `${field}.${name}`, problem: `write a whole number ${range}` };
  }
  const scale: CanaryScale = name === 'weight' ? { by: 'weight', weight: value } : { by: 'replicas', replicas: value };
  return { kind: 'setCanaryScale', scale };
}

function parseStep(raw: unknown): Step {
  const step = asObject(raw) ?? {};
  const kinds = KINDS.filter((kind) => step[kind] !== undefined && step[kind] !== null);
  if (kinds.length !== 1) {
    return { kind: 'invalid', field: '', problem: `write exactly one of ${KINDS.join(', ')}` };
  }
  if (kinds[0] === 'setWeight') {
    const weight = asInteger(step['setWeight'], 0, 100);
    return weight === undefined
      ? { kind: 'invalid', field: '.setWeight', problem: 'write a whole number from 0 to 100' }
      : { kind: 'setWeight', weight };
  }
  if (kinds[0] === 'setCanaryScale') return parseScale(asObject(step['setCanaryScale']) ?? {});
  if (kinds[0] === 'pause') return parsePause(asObject(step['pause']));
  if (kinds[0] === 'experiment') return parseExperiment(asObject(step['experiment']));
  if (kinds[0] === 'setHeaderRoute') return parseHeaderRoute(asObject(step['setHeaderRoute']) ?? {});
  if (kinds[0] === 'setMirrorRoute') return parseMirrorRoute(asObject(step['setMirrorRoute']) ?? {});
  const analysis = asObject(step['analysis']);
  return analysis === undefined || asList(analysis['templates']).length === 0
    ? { kind: 'invalid', field: '.analysis.templates', problem: 'name at least one template' }
    : { kind: 'analysis', analysis: analysis as unknown as RolloutSpecStrategyCanaryStepAnalysis };
}

function parseExperiment(experiment: Record<string, unknown> | undefined): Step {
  const templates = asList(experiment?.['templates']).map((template) => asObject(template)?.['specRef']);
  if (templates.length === 0) {
    return { kind: 'invalid', field: '.experiment.templates', problem: 'name at least one template' };
  }
  const wrong = templates.findIndex((version) => version !== 'canary' && version !== 'stable');
  return wrong >= 0
    ? { kind: 'invalid', field: `.experiment.templates[${wrong}].specRef`, problem: 'write canary or stable' }
    : { kind: 'experiment', experiment: experiment as unknown as RolloutSpecStrategyCanaryStepExperiment };
}

function parsePause(pause: Record<string, unknown> | undefined): Step {
  const duration = pause?.['duration'] ?? undefined;
  if (duration === undefined) return { kind: 'pause', durationMs: undefined };
  const bad = (): Step => ({
    kind: 'invalid',
    field: '.pause.duration',
    problem: `${JSON.stringify(duration)} is no duration: write seconds, or for example 30s, 5m, 1h30m`,
  });
  if (typeof duration === 'number') {
    return asInteger(duration, 0) === undefined ? bad() : { kind: 'pause', durationMs: duration * 1000 };
  }
  if (typeof duration !== 'string') return bad();
  if (/^\d{1,10}$/.test(duration)) return { kind: 'pause', durationMs: Number(duration) * 1000 };
  try {
    const durationMs = parseDuration(duration);
    return durationMs < 0 ? bad() : { kind: 'pause', durationMs };
  } catch {
    return bad();
  }
}
