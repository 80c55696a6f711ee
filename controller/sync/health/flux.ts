import type { KubeObject } from '../../kube/types.ts';
import { degraded, type Finding, healthy, progressing, suspended } from './health.ts';
import { at, behindSpec, conditionOf, explain, staleCondition, textAt } from './read.ts';

/** Reasons of Ready=False that pass when something else gets ready. */
const WAITING: ReadonlySet<string> = new Set(['DependencyNotReady', 'Progressing']);

/** Flux kinds: ready in the current generation. Flux calls not ready what failed and will be tried again: that is degraded. */
export function fluxHealth(object: KubeObject): Finding {
  if (at(object, 'spec', 'suspend') === true) return suspended('spec.suspend is true', 'suspended');
  const ready = conditionOf(object, 'Ready');
  if (ready === undefined && isStatic(object)) return healthy(`a ${object.kind} like this has no status`, 'static');
  const behind = behindSpec(object) ?? (ready && staleCondition(object, ready));
  if (behind !== undefined) return progressing(behind, 'generation');
  const stalled = conditionOf(object, 'Stalled');
  if (stalled?.status === 'True') return degraded(explain(stalled), 'stalled');
  if (ready === undefined) return progressing('condition Ready is not reported yet', 'no-status');
  if (ready.status === 'True') {
    const revision =
      textAt(object, 'status', 'lastAppliedRevision') || textAt(object, 'status', 'artifact', 'revision');
    return healthy(revision === '' ? explain(ready) : `ready at ${revision}`);
  }
  if (ready.status !== 'False' || WAITING.has(ready.reason)) return progressing(explain(ready), 'reconciling');
  return degraded(explain(ready), 'not-ready');
}

/** OCI Helm repositories, alerts and providers are only read by others; nobody ever writes them a status. */
function isStatic(object: KubeObject): boolean {
  if (object.kind === 'HelmRepository') return textAt(object, 'spec', 'type') === 'oci';
  return object.kind === 'Alert' || object.kind === 'Provider';
}
