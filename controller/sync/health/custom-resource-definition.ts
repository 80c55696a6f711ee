import type { KubeObject } from '../../kube/types.ts';
import { degraded, type Finding, healthy, progressing } from './health.ts';
import { conditionOf, conditionsOf, explain, listAt, staleCondition } from './read.ts';

/** CustomResourceDefinition: its names are accepted and its kind is served. */
export function customResourceDefinitionHealth(object: KubeObject): Finding {
  const conditions = conditionsOf(object);
  if (conditions.length === 0) return progressing('the API server has not looked at it yet', 'no-status');
  for (const condition of conditions) {
    const stale = staleCondition(object, condition);
    if (stale !== undefined) return progressing(stale, 'generation');
  }
  const names = conditionOf(object, 'NamesAccepted');
  if (names?.status === 'False') return degraded(explain(names), 'names');
  const schema = conditionOf(object, 'NonStructuralSchema');
  if (schema?.status === 'True') return degraded(explain(schema), 'schema');
  const established = conditionOf(object, 'Established');
  if (established?.status === 'True') {
    const served = listAt(object, 'spec', 'versions').length;
    return healthy(`established with ${served} ${served === 1 ? 'version' : 'versions'}`);
  }
  if (established === undefined || established.reason === 'Installing')
    return progressing('the kind is not served yet', 'installing');
  return degraded(explain(established), 'established');
}
