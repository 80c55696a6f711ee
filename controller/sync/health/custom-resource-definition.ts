import type { KubeObject } from '../../kube/types.ts';
import { degraded, type Health, healthy, progressing } from './health.ts';
import { conditionOf, explain, listAt } from './read.ts';

/** CustomResourceDefinition: its names are accepted and its kind is served. */
export function customResourceDefinitionHealth(object: KubeObject): Health {
  if (listAt(object, 'status', 'conditions').length === 0)
    return progressing('the API server has not looked at it yet');
  const names = conditionOf(object, 'NamesAccepted');
  if (names?.status === 'False') return degraded(explain(names));
  const schema = conditionOf(object, 'NonStructuralSchema');
  if (schema?.status === 'True') return degraded(explain(schema));
  const established = conditionOf(object, 'Established');
  if (established?.status === 'True') return healthy;
  if (established === undefined || established.reason === 'Installing')
    return progressing('the kind is not served yet');
  return degraded(explain(established));
}
