import type { KubeObject } from '../kube/types.ts';
import { listAt } from './health/read.ts';
import { dropPayload, hasPayload } from './live.ts';

/** What is dropped from objects of a kind before they are cached; undefined when all of it is needed. */
export function slimming(resource: {
  group: string;
  kind: string;
}): { name: string; apply: (object: KubeObject) => void } | undefined {
  if (hasPayload(resource)) return { name: 'without-payload', apply: dropPayload };
  if (resource.group === 'apiextensions.k8s.io') return { name: 'without-schema', apply: dropSchemas };
  return undefined;
}

/** The schemas of a cluster's CRDs are tens of megabytes, and only their names and conditions are read. */
function dropSchemas(definition: KubeObject): void {
  for (const version of listAt(definition, 'spec', 'versions')) delete (version as Record<string, unknown>)['schema'];
}
