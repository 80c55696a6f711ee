import { timestamp } from '../api/conditions.ts';
import { asInteger, asList, asObject, asText, type Json } from '../rollout/plain.ts';
import { stepsHash } from '../rollout/steps.ts';
import { argoStepHash } from './step-hash.ts';

/**
 * Type of the condition that holds, as JSON in its message, what the other schema has no field for: it is written with the
 * rest in one request, and no tool that reads conditions takes it for anything else.
 */
export const STATE_CONDITION = 'SlipwayState';

/** Fields of the status that only ours has. */
const OWN_FIELDS = ['step', 'retries', 'abortMessage', 'model'] as const;
const OWN_BLUE_GREEN_FIELDS = ['fastTracked', 'served', 'updatedAvailableReplicas'] as const;

/**
 * The status of a Rollout as the published schema of Argo Rollouts has it. {@link ownStatus} is the inverse: nothing is
 * lost on the way, so that "no change, no write" holds in both forms.
 *
 * @param steps spec.strategy.canary.steps, whose hash the status holds
 */
export function argoStatus(own: Json, steps: unknown): Json {
  const { observedGeneration, workloadObservedGeneration, conditions, ...rest } = own;
  const status: Json = { ...rest };
  const extra: Json = {};
  for (const field of OWN_FIELDS) take(status, extra, field);
  const blueGreen = { ...asObject(own['blueGreen']) };
  const extraBlueGreen: Json = {};
  for (const field of OWN_BLUE_GREEN_FIELDS) take(blueGreen, extraBlueGreen, field);
  if (own['blueGreen'] !== undefined) status['blueGreen'] = blueGreen;
  if (Object.keys(extraBlueGreen).length > 0) extra['blueGreen'] = extraBlueGreen;
  if (observedGeneration !== undefined) status['observedGeneration'] = String(observedGeneration);
  if (workloadObservedGeneration !== undefined) {
    status['workloadObservedGeneration'] = String(workloadObservedGeneration);
  }
  if (own['currentStepHash'] === stepsHash(steps)) status['currentStepHash'] = argoStepHash(steps);
  const list = asList(conditions).map((one) => asObject(one) ?? {});
  const generations = Object.fromEntries(
    list
      .filter((one) => one['observedGeneration'] !== observedGeneration)
      .map((one) => [String(one['type']), one['observedGeneration'] ?? null]),
  );
  if (Object.keys(generations).length > 0) extra['generations'] = generations;
  const clocks = list.filter((one) => one['lastUpdateTime'] !== undefined).map((one) => one['type']);
  if (clocks.length > 0) extra['updated'] = clocks;
  if (own['currentPodHash'] !== undefined) extra['podHash'] = own['currentPodHash'];
  status['conditions'] = [...list.map(argoCondition), stateCondition(extra, list)];
  return status;
}

/**
 * The status as our decisions know it: read from what {@link argoStatus} wrote, or from what Argo Rollouts did, which has
 * no state of ours.
 */
export function ownStatus(argo: Json, steps: unknown): Json {
  const { observedGeneration, workloadObservedGeneration, conditions, ...rest } = argo;
  const status: Json = { ...rest };
  const all = asList(conditions).map((one) => asObject(one) ?? {});
  const state = readState(all.find((one) => one['type'] === STATE_CONDITION)?.['message']);
  // Of another version: Argo Rollouts has served the Rollout since.
  const extra = state?.['podHash'] === argo['currentPodHash'] ? state : undefined;
  const generation = integerIn(observedGeneration);
  set(status, 'observedGeneration', generation);
  set(status, 'workloadObservedGeneration', integerIn(workloadObservedGeneration));
  if (argo['currentStepHash'] === argoStepHash(steps)) status['currentStepHash'] = stepsHash(steps);
  for (const field of OWN_FIELDS) set(status, field, extra?.[field]);
  const blueGreen = asObject(extra?.['blueGreen']);
  if (blueGreen !== undefined) status['blueGreen'] = { ...asObject(argo['blueGreen']), ...blueGreen };
  if (extra === undefined) set(status, 'retries', retriesOf(argo));
  const listed = all.filter((one) => one['type'] !== STATE_CONDITION);
  if (conditions !== undefined) {
    status['conditions'] = listed.map((one) => ownCondition(one, extra, generation));
  }
  return status;
}

function argoCondition(own: Json): Json {
  const { observedGeneration: _, ...rest } = own;
  return { ...rest, lastUpdateTime: own['lastUpdateTime'] ?? own['lastTransitionTime'] };
}

function ownCondition(argo: Json, extra: Json | undefined, generation: number | undefined): Json {
  const { lastUpdateTime, ...rest } = argo;
  const type = String(argo['type']);
  // Argo Rollouts keeps the start of the deadline's clock in the same place, and a time in all other conditions too.
  const updated = extra === undefined ? ['Progressing'] : asList(extra['updated']);
  const generations = asObject(extra?.['generations']) ?? {};
  const own = Object.hasOwn(generations, type) ? (generations[type] ?? undefined) : extra && generation;
  const condition: Json = { ...rest };
  if (updated.includes(type)) set(condition, 'lastUpdateTime', lastUpdateTime);
  set(condition, 'observedGeneration', own);
  return condition;
}

/** Its times change with the state alone, so that a status that stays the same is written the same. */
function stateCondition(extra: Json, conditions: readonly Json[]): Json {
  const newest = Math.max(0, ...conditions.map((one) => Date.parse(String(one['lastTransitionTime'])) || 0));
  const time = timestamp(newest);
  return {
    type: STATE_CONDITION,
    status: 'True',
    reason: 'Recorded',
    message: JSON.stringify(extra),
    lastTransitionTime: time,
    lastUpdateTime: time,
  };
}

function readState(message: unknown): Json | undefined {
  if (typeof message !== 'string') return undefined;
  try {
    return asObject(JSON.parse(message));
  } catch {
    return undefined;
  }
}

/**
 * How often the update was started over, as the names of its AnalysisRuns tell: the n-th run of a name ends in `.n`. So an
 * update that is taken over after a retry goes on with the runs of this try, not with the verdicts of the one before.
 */
function retriesOf(argo: Json): number | undefined {
  const parts = [asObject(argo['canary']), asObject(argo['blueGreen'])];
  const names = parts.flatMap((part) =>
    Object.entries(part ?? {}).flatMap(([field, run]) =>
      field.endsWith('AnalysisRunStatus') ? (asText(asObject(run)?.['name']) ?? []) : [],
    ),
  );
  const counts = names.map((name) => Number(/\.(\d+)$/.exec(name)?.[1] ?? 0));
  const most = Math.max(0, ...counts);
  return most === 0 ? undefined : most;
}

function integerIn(value: unknown): number | undefined {
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? asInteger(Number(value), 0) : undefined;
}

function take(from: Json, to: Json, field: string): void {
  if (from[field] !== undefined) to[field] = from[field];
  delete from[field];
}

function set(object: Json, field: string, value: unknown): void {
  if (value !== undefined) object[field] = value;
}
