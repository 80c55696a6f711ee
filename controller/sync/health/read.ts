import type { KubeObject } from '../../kube/types.ts';

/** A condition as far as health rules read it; whatever is missing or of another type reads as empty. */
export interface SeenCondition {
  type: string;
  status: string;
  reason: string;
  message: string;
  /** Knative's: empty for what counts, Warning or Info for what does not. */
  severity: string;
  observedGeneration: number | undefined;
}

/** The value at a path of field names, or undefined when any step is missing. */
export function at(object: unknown, ...path: readonly string[]): unknown {
  let value = object;
  for (const field of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[field];
  }
  return value;
}

/** The number at a path, or `fallback` when there is none: Kubernetes leaves zeros out. */
export function numberAt(object: unknown, path: readonly string[], fallback: number): number {
  const value = at(object, ...path);
  return typeof value === 'number' ? value : fallback;
}

export function textAt(object: unknown, ...path: readonly string[]): string {
  const value = at(object, ...path);
  return typeof value === 'string' ? value : '';
}

export function listAt(object: unknown, ...path: readonly string[]): readonly unknown[] {
  const value = at(object, ...path);
  return Array.isArray(value) ? value : [];
}

/** The conditions in a list of raw JSON. */
export function readConditions(list: readonly unknown[]): readonly SeenCondition[] {
  return list.map((raw) => {
    const observed = at(raw, 'observedGeneration');
    return {
      type: textAt(raw, 'type'),
      status: textAt(raw, 'status'),
      reason: textAt(raw, 'reason'),
      message: textAt(raw, 'message'),
      severity: textAt(raw, 'severity'),
      observedGeneration: typeof observed === 'number' ? observed : undefined,
    };
  });
}

/** The condition `type` of `status.conditions`. */
export function conditionOf(object: KubeObject, type: string): SeenCondition | undefined {
  return conditionsOf(object).find((condition) => condition.type === type);
}

/** `reason: message`, or whichever of them there is. */
export function explain(condition: SeenCondition): string {
  if (condition.message === '') return condition.reason || `condition ${condition.type} is ${condition.status}`;
  return condition.reason === '' ? condition.message : `${condition.reason}: ${condition.message}`;
}

/**
 * Why the status cannot be trusted yet: its controller has not seen the current spec. Without this check a rollout looks
 * healthy in the moment after a change because the old status still stands.
 */
export function notObserved(object: KubeObject): string | undefined {
  const generation = object.metadata.generation ?? 0;
  const observed = numberAt(object, ['status', 'observedGeneration'], 0);
  return observed < generation
    ? `its controller has not seen generation ${generation} yet (last ${observed})`
    : undefined;
}

/** Like {@link notObserved}, for kinds whose controllers do not all write observedGeneration: without it there is no doubt. */
export function behindSpec(object: KubeObject): string | undefined {
  return typeof at(object, 'status', 'observedGeneration') === 'number' ? notObserved(object) : undefined;
}

/** Why a condition cannot be trusted: it speaks of an older generation than the object has. */
export function staleCondition(object: KubeObject, condition: SeenCondition): string | undefined {
  const generation = object.metadata.generation ?? 0;
  const observed = condition.observedGeneration;
  return observed !== undefined && observed < generation
    ? `condition ${condition.type} speaks of generation ${observed}, not of ${generation}`
    : undefined;
}

/** All conditions of `status.conditions`. */
export function conditionsOf(object: KubeObject): readonly SeenCondition[] {
  return readConditions(listAt(object, 'status', 'conditions'));
}

/** `what: reason: message`, for conditions of which an object has several. */
export function explainTyped(condition: SeenCondition): string {
  const text = explain(condition);
  return text.includes(condition.type) ? text : `${condition.type}: ${text}`;
}
