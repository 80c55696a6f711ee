import type { ClusterIdentity } from '../kube/kubeconfig.ts';
import type { Discovery, KubeClient, ResourceInfo } from '../kube/types.ts';
import type { Clock } from '../platform/clock.ts';
import type { Paint } from './render/table.ts';

/** What every command gets: whom it talks to, where it writes, and what time it is. */
export interface Session {
  client: KubeClient;
  discovery: Discovery;
  identity: ClusterIdentity;
  namespace: string;
  clock: Clock;
  paint: Paint;
  /** Writes one line (or block) to standard output. */
  print(text: string): void;
  /** Replaces what was shown last, on a terminal; prints anew elsewhere, and only when it changed. */
  redraw(text: string): void;
  /** Writes one line to standard error: what is worth knowing beside the answer. */
  note(text: string): void;
  /** Says on standard error what is waited for: replaced on a terminal; elsewhere one line for each news. */
  progress(text: string): void;
  /**
   * Calls back at once and after each change of one of the kinds in the namespace, until the signal aborts. With a name
   * only that one object is watched.
   */
  onChange(resources: readonly ResourceInfo[], callback: () => void, signal: AbortSignal, name?: string): Promise<void>;
  /** Aborts on Ctrl-C. */
  signal: AbortSignal;
}

const BUILT_IN = { verbs: [], subresources: [], namespaced: true, version: 'v1' };
export const POD_RESOURCE: ResourceInfo = { ...BUILT_IN, group: '', kind: 'Pod', plural: 'pods' };
export const REPLICA_SET_RESOURCE: ResourceInfo = {
  ...BUILT_IN,
  group: 'apps',
  kind: 'ReplicaSet',
  plural: 'replicasets',
};
