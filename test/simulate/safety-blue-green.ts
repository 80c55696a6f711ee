import type { AnalysisRun } from '../../controller/api/generated/analysisrun.ts';
import type { RolloutSpecStrategyBlueGreen } from '../../controller/api/generated/rollout.ts';
import { POD_TEMPLATE_HASH_LABEL } from '../../controller/api/names.ts';
import type { Command, RolloutDecision } from '../../controller/rollout/decision.ts';
import { type Settings, settingsOf } from '../../controller/rollout/settings.ts';
import type { ReplicaSet, RolloutSnapshot, Service } from '../../controller/rollout/snapshot.ts';
import type { ModelCluster } from './model-cluster.ts';
import type { Observer } from './reconciler.ts';
import { Unsafe } from './unsafe.ts';

/**
 * The rules for a blue-green Rollout, from the user's side: the active Service never moves to too few pods or to a version
 * that did not pass its test, nothing behind it loses pods, and the old version stays for its delay.
 */
export function blueGreenRules(cluster: ModelCluster): Observer {
  /** When requests last went to a version. */
  const served = new Map<string, number>();
  return {
    before: (command, snapshot) => {
      const active = selector(cluster, 'active');
      if (active !== undefined) served.set(active, cluster.now);
      if (command.type === 'setServiceSelector') moves(cluster, command, snapshot);
      if (command.type === 'deleteReplicaSet') shrinks(cluster, command.name, 0, snapshot, served);
      if (command.type === 'updateReplicaSet' && command.replicas !== undefined) {
        shrinks(cluster, command.name, command.replicas, snapshot, served);
      }
    },
    decided: abortComesFirst,
    wroteStatus: (snapshot, decision) => {
      release(cluster, snapshot, decision);
      promotion(cluster, snapshot, decision);
    },
  };
}

function moves(
  cluster: ModelCluster,
  { service, hash }: Command & { type: 'setServiceSelector' },
  snapshot: RolloutSnapshot,
): void {
  const { replicas, unavailable } = settings(snapshot);
  if (hash === null || replicas === 0) return;
  const status = snapshot.rollout.status ?? {};
  const old = selector(cluster, service);
  const pods = known(snapshot, hash);
  const before = old === undefined ? 0 : known(snapshot, old);
  const stranded = old !== undefined && before === 0 && pods > 0;
  // The first version is not tested against anything.
  if (service === 'active' && status.stableRS !== undefined && hash !== status.stableRS) {
    if (pods < replicas) throw new Unsafe(`the active Service moved to ${pods} of ${replicas} pods of ${hash}`);
    if (status.abort === true) throw new Unsafe(`the active Service moved to the aborted ${hash}`);
    // A test that somebody asks for after the release is for the next version.
    if (status.blueGreen?.scaleUpPreviewCheckPoint !== true) tested(cluster, snapshot, hash, 'pre');
  }
  const need = service === 'active' ? Math.min(replicas - unavailable, old === undefined ? replicas : before) : 1;
  if (pods < Math.max(1, need) && !stranded) {
    throw new Unsafe(`Service ${service} moved to ${pods} pods of ${hash}; it needs ${Math.max(1, need)}`);
  }
}

/** What is behind a Service keeps its pods; what was behind the active one keeps them for the delay. */
function shrinks(
  cluster: ModelCluster,
  name: string,
  to: number,
  snapshot: RolloutSnapshot,
  served: ReadonlyMap<string, number>,
): void {
  const rs = cluster.get<ReplicaSet>('replicaSet', name);
  if (rs === undefined || to >= (rs.spec.replicas ?? 1)) return;
  const hash = rs.metadata.labels?.[POD_TEMPLATE_HASH_LABEL] ?? '';
  const { replicas, scaleDownDelayMs, abortScaleDownDelayMs } = settings(snapshot);
  const status = snapshot.rollout.status ?? {};
  const needed = selector(cluster, 'active') === hash || status.stableRS === hash;
  if (needed && to < replicas) throw new Unsafe(`${name}, which serves, scaled to ${to} of ${replicas}`);
  if (selector(cluster, 'preview') === hash && to < Math.min(1, replicas)) {
    throw new Unsafe(`${name} scaled to ${to}; the preview Service points at it`);
  }
  const last = served.get(hash);
  const limited = blueGreen(snapshot)?.scaleDownDelayRevisionLimit !== undefined;
  if (to > 0 || last === undefined || limited || replicas === 0 || hash === status.currentPodHash) return;
  const delay = Math.min(scaleDownDelayMs, abortScaleDownDelayMs);
  if (cluster.now - last < delay) throw new Unsafe(`${name} lost its pods ${cluster.now - last} ms after it served`);
}

/** A version that is aborted loses the requests before anything else is done. */
function abortComesFirst(snapshot: RolloutSnapshot, { status, commands }: RolloutDecision): void {
  const { replicas, unavailable } = settings(snapshot);
  const points = snapshot.services['active']?.spec.selector?.[POD_TEMPLATE_HASH_LABEL];
  const { stableRS } = status;
  if (status.abort !== true || stableRS === undefined || points === stableRS || replicas === 0) return;
  if (known(snapshot, stableRS) < Math.max(1, replicas - unavailable)) return;
  const [first] = commands;
  if (points !== undefined && !(first?.type === 'setServiceSelector' && first.hash === stableRS)) {
    throw new Unsafe(`aborted, and the first command is ${JSON.stringify(first)}`);
  }
}

/** Only a version that passed its test is released to get the requests. */
function release(cluster: ModelCluster, snapshot: RolloutSnapshot, { status }: RolloutDecision): void {
  const before = snapshot.rollout.status?.blueGreen;
  if (before?.scaleUpPreviewCheckPoint === true || status.blueGreen?.scaleUpPreviewCheckPoint !== true) return;
  if (status.blueGreen.fastTracked !== true) tested(cluster, snapshot, status.currentPodHash ?? '', 'pre');
}

/** Only a version that has the requests and passed its tests becomes the one that serves. */
function promotion(cluster: ModelCluster, snapshot: RolloutSnapshot, { status }: RolloutDecision): void {
  const before = snapshot.rollout.status?.stableRS;
  if (status.stableRS === undefined || before === undefined || status.stableRS === before) return;
  const points = snapshot.services['active']?.spec.selector?.[POD_TEMPLATE_HASH_LABEL];
  if (points !== status.stableRS) throw new Unsafe(`${status.stableRS} promoted while the active Service is elsewhere`);
  tested(cluster, snapshot, status.stableRS, 'post');
}

/** The analysis is good, or nobody asked for one, or a person or the way back to an old version goes without. */
function tested(cluster: ModelCluster, snapshot: RolloutSnapshot, hash: string, when: 'pre' | 'post'): void {
  const spec = blueGreen(snapshot);
  const analysis = when === 'pre' ? spec?.prePromotionAnalysis : spec?.postPromotionAnalysis;
  const { status } = snapshot.rollout;
  if (analysis === undefined || status?.promoteFull === true || status?.blueGreen?.fastTracked === true) return;
  const runs = cluster.list<AnalysisRun>('run').filter(({ metadata: { name } }) => name.includes(`${hash}-`));
  const phases = runs.filter(({ metadata: { name } }) => name.includes(`-${when}`)).map((run) => run.status?.phase);
  // An inconclusive one may have been taken as good by a person.
  if (!phases.some((phase) => phase === 'Successful' || phase === 'Inconclusive')) {
    throw new Unsafe(`${hash} moved on without its ${when}-promotion analysis`);
  }
}

function blueGreen({ rollout }: RolloutSnapshot): RolloutSpecStrategyBlueGreen | undefined {
  return rollout.spec.strategy.blueGreen;
}

function settings({ rollout }: RolloutSnapshot): Settings {
  return settingsOf(rollout.spec);
}

function selector(cluster: ModelCluster, service: string): string | undefined {
  return cluster.get<Service>('service', service)?.spec.selector?.[POD_TEMPLATE_HASH_LABEL];
}

function known(snapshot: RolloutSnapshot, hash: string): number {
  return snapshot.replicaSets
    .filter((rs) => rs.metadata.labels?.[POD_TEMPLATE_HASH_LABEL] === hash)
    .reduce((sum, rs) => sum + Math.min(rs.status?.availableReplicas ?? 0, rs.spec.replicas ?? 1), 0);
}
