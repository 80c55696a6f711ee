import type { SharedInformers } from '../kube/informers.ts';
import type { KubeClient } from '../kube/types.ts';
import type { Marks } from '../rollout/execute.ts';
import { argoClient } from './client.ts';
import { argoInformers } from './informers.ts';
import { ARGO_MARKS } from './marks.ts';

/** How the rollout half sees the cluster. */
export interface RolloutSide {
  client: KubeClient;
  informers: Pick<SharedInformers, 'acquire'>;
  /** What else its objects bear. */
  marks?: Marks;
}

/** The cluster itself for our own group; in compatibility mode a view of it in which the other group looks like ours. */
export function rolloutSide(
  { client, informers }: Pick<RolloutSide, 'client' | 'informers'>,
  { apiGroup, instanceId }: { apiGroup: 'slipway.dev' | 'argoproj.io'; instanceId?: string },
): RolloutSide {
  switch (apiGroup) {
    case 'slipway.dev':
      return { client, informers };
    case 'argoproj.io':
      return { client: argoClient(client), informers: argoInformers(informers, instanceId), marks: ARGO_MARKS };
  }
}
