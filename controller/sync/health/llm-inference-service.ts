import type { KubeObject } from '../../kube/types.ts';
import { degraded, type Finding, healthy, progressing, suspended } from './health.ts';
import { behindSpec, conditionOf, conditionsOf, explainTyped, staleCondition } from './read.ts';

/** Reasons of a workload that is still coming up, which KServe copies from its Deployment. */
const STARTING =
  /^(MinimumReplicasUnavailable|NewReplicaSetCreated|ReplicaSetUpdated|.*(Pending|Progressing|InProgress))$/;

/**
 * KServe LLMInferenceService: Ready, which KServe makes from presets, workloads and router. A routing group that does not work is not part of
 * Ready, but the weights in the spec have no effect then.
 */
export function llmInferenceServiceHealth(object: KubeObject): Finding {
  const conditions = conditionsOf(object);
  const ready = conditionOf(object, 'Ready');
  const behind = behindSpec(object) ?? (ready && staleCondition(object, ready));
  if (behind !== undefined) return progressing(behind, 'generation');
  if (conditions.some(({ reason }) => reason === 'Stopped'))
    return suspended('stopped by annotation serving.kserve.io/stop', 'stopped');
  if (ready === undefined) return progressing('condition Ready is not reported yet', 'no-status');
  // The most detailed condition says most; Ready only repeats one of them.
  const open = conditions.filter(({ type, status }) => status !== 'True' && !type.startsWith('Group'));
  const culprit = open.find(({ type }) => !/^(Ready|WorkloadsReady|RouterReady)$/.test(type)) ?? open[0] ?? ready;
  const count = `${conditions.length - open.length} of ${conditions.length} conditions are True`;
  if (ready.status === 'False') {
    const why = `${explainTyped(culprit)} (${count})`;
    return STARTING.test(culprit.reason) ? progressing(why, 'starting') : degraded(why, 'not-ready');
  }
  if (ready.status !== 'True') return progressing(`${explainTyped(culprit)} (${count})`, 'pending');
  const group = conditionOf(object, 'GroupReady');
  if (group?.status === 'False') return degraded(explainTyped(group), 'group');
  const partial = conditionOf(object, 'GroupDegraded');
  return partial?.status === 'True'
    ? healthy(`ready, but other members of its group are not: ${explainTyped(partial)}`, 'group-degraded')
    : healthy(`ready, ${count}`);
}
