import type { KubeObject } from '../../kube/types.ts';
import { degraded, type Finding, healthy, progressing } from './health.ts';
import { conditionsOf, explainTyped, notObserved, textAt } from './read.ts';

/**
 * Knative Service, Configuration, Route, Revision and DomainMapping: every condition is True, and the newest revision serves.
 * Knative writes False only for what will not pass by itself and Unknown for what is under way; a severity means that the
 * condition does not count, such as Active of a Revision that was scaled to zero.
 */
export function knativeHealth(object: KubeObject): Finding {
  const behind = notObserved(object);
  if (behind !== undefined) return progressing(behind, 'generation');
  const conditions = conditionsOf(object).filter(({ severity }) => severity === '' || severity === 'Error');
  if (!conditions.some(({ type }) => type === 'Ready'))
    return progressing('condition Ready is not reported yet', 'no-status');
  // Ready repeats one of the others, which says what is not ready.
  const byDetail = conditions.toSorted((a, b) => Number(a.type === 'Ready') - Number(b.type === 'Ready'));
  const broken = byDetail.find(({ status }) => status === 'False');
  if (broken !== undefined) return degraded(explainTyped(broken), 'failed');
  const open = byDetail.filter(({ status }) => status !== 'True');
  const count = `${conditions.length - open.length} of ${conditions.length} conditions are True`;
  if (open[0] !== undefined) return progressing(`${explainTyped(open[0])} (${count})`, 'pending');
  const created = textAt(object, 'status', 'latestCreatedRevisionName');
  const serving = textAt(object, 'status', 'latestReadyRevisionName');
  if (created !== serving)
    return progressing(`revision ${created} is not ready, ${serving || 'none'} is the last that is`, 'revision');
  return healthy(serving === '' ? count : `revision ${serving} is ready, ${count}`);
}
