import { POD_TEMPLATE_HASH_LABEL } from '../api/names.ts';
import { asInteger, asList, asObject, type Json } from './plain.ts';

/** How the pods of a new version keep away from the nodes of the version that serves. */
export type AntiAffinity = { rule: 'required' } | { rule: 'preferred'; weight: number };

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';

/** Reads spec.strategy.*.antiAffinity; undefined: none, or (validation says so) it makes no sense. */
export function readAntiAffinity(raw: unknown): AntiAffinity | undefined {
  const value = asObject(raw);
  const preferred = asObject(value?.[PREFERRED]);
  if (asObject(value?.[REQUIRED]) !== undefined) return preferred === undefined ? { rule: 'required' } : undefined;
  const weight = asInteger(preferred?.['weight'], 1, 100);
  return weight === undefined ? undefined : { rule: 'preferred', weight };
}

/** What of spec.strategy.*.antiAffinity cannot be used. */
export function antiAffinityProblem(raw: unknown): string | undefined {
  if (raw === undefined || raw === null || readAntiAffinity(raw) !== undefined) return undefined;
  return `write exactly one of ${REQUIRED}: {} and ${PREFERRED} with a weight from 1 to 100`;
}

/** The affinity of a template without the rule that was added to it; undefined when nothing is left. */
export function withoutRule(affinity: unknown): Json | undefined {
  const { podAntiAffinity, ...rest } = asObject(affinity) ?? {};
  const others = Object.fromEntries(
    Object.entries(asObject(podAntiAffinity) ?? {}).flatMap(([name, terms]) => {
      const kept = asList(terms).filter((term) => !isRule(term));
      return kept.length === 0 ? [] : [[name, kept]];
    }),
  );
  const next = { ...rest, ...(Object.keys(others).length === 0 ? {} : { podAntiAffinity: others }) };
  return Object.keys(next).length === 0 ? undefined : next;
}

/** The affinity with the rule that keeps pods away from nodes with pods of the version `hash`, and no other such rule. */
export function apartFrom(affinity: unknown, antiAffinity: AntiAffinity, hash: string): Json {
  const plain = withoutRule(affinity);
  const existing = asObject(plain?.['podAntiAffinity']) ?? {};
  const term = {
    labelSelector: { matchExpressions: [{ key: POD_TEMPLATE_HASH_LABEL, operator: 'In', values: [hash] }] },
    topologyKey: 'kubernetes.io/hostname',
  };
  const [name, rule] =
    antiAffinity.rule === 'required'
      ? [REQUIRED, term]
      : [PREFERRED, { weight: antiAffinity.weight, podAffinityTerm: term }];
  return { ...plain, podAntiAffinity: { ...existing, [name]: [...asList(existing[name]), rule] } };
}

/** The merge patch that makes one affinity of another: lists are replaced as a whole, and what is left out goes. */
export function affinityPatch(next: Json | undefined): Json {
  const { podAntiAffinity } = next ?? {};
  return { podAntiAffinity: { [REQUIRED]: null, [PREFERRED]: null, ...asObject(podAntiAffinity) } };
}

/** A rule without the namespace, which is that of the pods whether it is written or not; other terms as they are. */
export function plainRule(raw: unknown): unknown {
  if (!isRule(raw)) return raw;
  const { podAffinityTerm, namespaces: _, ...rest } = asObject(raw) ?? {};
  const term = asObject(podAffinityTerm);
  if (term === undefined) return rest;
  const { namespaces: __, ...plain } = term;
  return { ...rest, podAffinityTerm: plain };
}

/** A term by the hash of a version: users do not know it, so it is ours, or that of Argo Rollouts. */
function isRule(raw: unknown): boolean {
  const value = asObject(raw);
  const term = asObject(value?.['podAffinityTerm']) ?? value;
  const expressions = asList(asObject(term?.['labelSelector'])?.['matchExpressions']);
  return expressions.some((expression) => asObject(expression)?.['key'] === POD_TEMPLATE_HASH_LABEL);
}
