import { POD_TEMPLATE_HASH_LABEL } from '../../controller/api/names.ts';
import type { Command, RolloutDecision } from '../../controller/rollout/decision.ts';
import { type Settings, settingsOf } from '../../controller/rollout/settings.ts';
import type { ReplicaSet, RolloutSnapshot, Service } from '../../controller/rollout/snapshot.ts';
import type { ModelCluster, Route } from './model-cluster.ts';
import type { Observer } from './reconciler.ts';
import { blueGreenRules } from './safety-blue-green.ts';
import { mayLack, mostPods } from './safety-limits.ts';
import { Unsafe } from './unsafe.ts';

/**
 * Checks every write against what requests are really doing at that moment. Pods count as far as the controller knew of
 * them: that one fails between two looks is nobody's fault. The rules are written from the user's side and share no code
 * with the decision.
 */
export function safetyRules(cluster: ModelCluster): Observer {
  let before = new Map<string, number>();
  const blueGreen = blueGreenRules(cluster);
  return {
    before: (command, snapshot) => {
      before = wantedPods(cluster);
      if (isBlueGreen(snapshot)) blueGreen.before?.(command, snapshot);
      else check(cluster, command, snapshot);
    },
    after: (command, snapshot) => {
      if (!isBlueGreen(snapshot)) podTotals(cluster, command, snapshot, before);
    },
    decided: (snapshot, decision) => {
      abortStays(snapshot, decision);
      evictions(snapshot, decision);
      if (isBlueGreen(snapshot)) {
        blueGreen.decided?.(snapshot, decision);
        return;
      }
      oneStepAtATime(snapshot, decision);
      abortComesFirst(snapshot, decision);
      stepsAreNotSkipped(snapshot, decision);
    },
    wroteStatus: (snapshot, decision) => {
      promotion(snapshot, decision);
      if (isBlueGreen(snapshot)) blueGreen.wroteStatus?.(snapshot, decision);
    },
  };
}

function isBlueGreen({ rollout }: RolloutSnapshot): boolean {
  return rollout.spec.strategy.blueGreen !== undefined;
}

function check(cluster: ModelCluster, command: Command, snapshot: RolloutSnapshot): void {
  const n = specOf(snapshot).replicas;
  if (n === 0) return;
  if (command.type === 'setWeights') weightChange(cluster, command.canaryWeight, snapshot, n);
  if (command.type === 'deleteReplicaSet') scaleDown(cluster, command.name, 0, snapshot, n);
  if (command.type === 'updateReplicaSet' && command.replicas !== undefined) {
    scaleDown(cluster, command.name, command.replicas, snapshot, n);
  }
  if (command.type === 'setServiceSelector' && command.hash !== null) {
    selectorChange(cluster, command.service, command.hash, snapshot, n);
  }
}

/** Nobody gets more requests than their pods can carry. */
function weightChange(cluster: ModelCluster, weight: number, snapshot: RolloutSnapshot, n: number): void {
  if (!Number.isInteger(weight) || weight < 0 || weight > 100) throw new Unsafe(`weight ${weight}`);
  const { unavailable } = specOf(snapshot);
  const old = route(cluster).canaryWeight;
  const canary = behind(cluster, snapshot, 'canary');
  const stable = behind(cluster, snapshot, 'stable');
  const asked = snapshot.rollout.spec.strategy.canary?.replicaProgressThreshold?.value ?? 100;
  if (weight > old && canary < Math.ceil((Math.ceil((weight * n) / 100) * asked) / 100)) {
    throw new Unsafe(`weight ${old} → ${weight} of ${n} with ${canary} pods behind the canary Service`);
  }
  if (weight < old && canary > 0 && stable + unavailable < Math.floor(((100 - weight) * n) / 100)) {
    throw new Unsafe(`weight ${old} → ${weight} of ${n} with ${stable} pods behind the stable Service`);
  }
}

/** Nothing that requests reach is scaled below its share. */
function scaleDown(cluster: ModelCluster, name: string, to: number, snapshot: RolloutSnapshot, n: number): void {
  const rs = cluster.get<ReplicaSet>('replicaSet', name);
  if (rs === undefined || to >= (rs.spec.replicas ?? 1)) return;
  const hash = rs.metadata.labels?.[POD_TEMPLATE_HASH_LABEL];
  const settings = specOf(snapshot);
  const { served, canaryWeight } = route(cluster);
  const shares = { canary: Math.max(served, canaryWeight), stable: 100 - Math.min(served, canaryWeight) };
  for (const service of ['canary', 'stable'] as const) {
    if (selector(cluster, service) !== hash || settings[`${service}Service`] === undefined) continue;
    const need = settings.routed
      ? Math.ceil((shares[service] * n) / 100) - (service === 'stable' ? mayLack(snapshot, shares.stable, n) : 0)
      : Math.min(1, n - settings.unavailable);
    if (to < need) throw new Unsafe(`${name} scaled to ${to} of ${n}; the ${service} Service needs ${need}`);
  }
}

/** A Service moves only to pods that can carry what it gets. */
function selectorChange(
  cluster: ModelCluster,
  service: string,
  hash: string,
  snapshot: RolloutSnapshot,
  n: number,
): void {
  const { routed } = specOf(snapshot);
  const { served, canaryWeight } = route(cluster);
  const share = service === 'canary' ? Math.max(served, canaryWeight) : 100 - Math.min(served, canaryWeight);
  // A version that both Services point at gets the requests of both.
  const both = routed && service === 'canary' && share > 0 && selector(cluster, 'stable') === hash;
  const whole = both ? n - specOf(snapshot).unavailable : 0;
  const need = Math.max(1, routed ? Math.ceil((share * n) / 100) : 0, whole);
  const pods = known(snapshot, hash);
  const old = selector(cluster, service);
  if (pods < need && (old === undefined || known(snapshot, old) > 0 || pods === 0)) {
    throw new Unsafe(`Service ${service} moved to ${pods} pods of ${hash}; it needs ${need} of ${n}`);
  }
}

/** Without traffic routing: never more than replicas + surge, never fewer serving than replicas − unavailable. */
function podTotals(
  cluster: ModelCluster,
  command: Command,
  snapshot: RolloutSnapshot,
  before: ReadonlyMap<string, number>,
): void {
  const settings = specOf(snapshot);
  if (command.type !== 'createReplicaSet' && command.type !== 'updateReplicaSet') return;
  const after = wantedPods(cluster);
  const sum = (pods: ReadonlyMap<string, number>): number => [...pods.values()].reduce((a, b) => a + b, 0);
  const most = mostPods(snapshot);
  if (most !== undefined && sum(after) > sum(before) && sum(after) > most) {
    throw new Unsafe(`${sum(after)} pods, allowed are ${most}`);
  }
  if (settings.routed) return;
  if (sum(after) > sum(before) && sum(after) > settings.replicas + settings.surge) {
    throw new Unsafe(`${sum(after)} pods, allowed are ${settings.replicas} + ${settings.surge}`);
  }
  const serving = (pods: ReadonlyMap<string, number>): number =>
    snapshot.replicaSets.reduce(
      (total, rs) => total + Math.min(rs.status?.availableReplicas ?? 0, pods.get(rs.metadata.name) ?? 0),
      0,
    );
  if (serving(after) < Math.min(serving(before), settings.replicas - settings.unavailable)) {
    throw new Unsafe(`${serving(after)} serving pods left of ${serving(before)}, ${JSON.stringify(command)}`);
  }
}

/** A restart never takes more pods that serve than may be missing, with those that are missing already. */
function evictions(snapshot: RolloutSnapshot, { commands }: RolloutDecision): void {
  const evicted = new Set(commands.flatMap((command) => (command.type === 'evictPod' ? command.name : [])));
  const pods = snapshot.pods ?? [];
  const taken = pods.filter(({ name, available }) => evicted.has(name) && available);
  if (taken.length === 0) return;
  const { stableRS, currentPodHash } = snapshot.rollout.status ?? {};
  const used = snapshot.replicaSets.filter((rs) =>
    [stableRS, currentPodHash].includes(rs.metadata.labels?.[POD_TEMPLATE_HASH_LABEL]),
  );
  const serving = (rs: ReplicaSet): number =>
    pods.filter(({ replicaSet, available }) => replicaSet === rs.metadata.uid && available).length;
  const missing = used.reduce((sum, rs) => sum + Math.max(0, (rs.spec.replicas ?? 1) - serving(rs)), 0);
  const { unavailable } = specOf(snapshot);
  if (taken.length + missing > Math.max(1, unavailable)) {
    throw new Unsafe(`${taken.length} pods evicted while ${missing} are missing; ${unavailable} may be`);
  }
}

function oneStepAtATime(snapshot: RolloutSnapshot, { status }: RolloutDecision): void {
  const before = snapshot.rollout.status;
  const same = before?.currentPodHash === status.currentPodHash && before?.currentStepHash === status.currentStepHash;
  const moved = (status.currentStepIndex ?? 0) - (before?.currentStepIndex ?? 0);
  const free =
    status.promoteFull === true || before?.abortedAt !== undefined || status.stableRS === status.currentPodHash;
  if (same && !free && moved > 1) throw new Unsafe(`${moved} steps in one decision`);
}

/** When the version that serves can carry them, the requests go back to it before anything else is done. */
function abortComesFirst(snapshot: RolloutSnapshot, { status, commands }: RolloutDecision): void {
  const settings = specOf(snapshot);
  const routes = snapshot.routes.filter((one) => one.state === 'present' && one.canaryWeight !== 0);
  if (status.abort !== true || !settings.routed || status.stableRS === undefined || routes.length === 0) return;
  const points = snapshot.services['stable']?.spec.selector?.[POD_TEMPLATE_HASH_LABEL];
  const able = known(snapshot, status.stableRS) >= Math.max(1, settings.replicas - settings.unavailable);
  const first = commands[0];
  if (points === status.stableRS && able && !(first?.type === 'setWeights' && first.canaryWeight === 0)) {
    throw new Unsafe(`aborted, and the first command is ${JSON.stringify(first)}`);
  }
}

/** Nobody but a person or another content of the spec takes back an abort. */
function abortStays(snapshot: RolloutSnapshot, { status }: RolloutDecision): void {
  const before = snapshot.rollout.status;
  if (before?.abort !== true || before.promoteFull === true || before.stableRS === undefined) return;
  const same = before.currentPodHash === status.currentPodHash && before.currentStepHash === status.currentStepHash;
  const updating = status.stableRS !== undefined && status.stableRS !== status.currentPodHash;
  if (same && updating && status.abort !== true) throw new Unsafe('an abort was taken back');
}

/** Only a version that was there before the one that serves may skip its steps. */
function stepsAreNotSkipped(snapshot: RolloutSnapshot, { status }: RolloutDecision): void {
  const before = snapshot.rollout.status;
  const { steps } = specOf(snapshot);
  const starts = before?.currentPodHash !== status.currentPodHash && status.stableRS !== undefined;
  if (!starts || status.stableRS === status.currentPodHash || steps.length === 0) return;
  if (status.promoteFull === true || (status.currentStepIndex ?? 0) < steps.length) return;
  const made = (hash: string | undefined): string =>
    snapshot.replicaSets.find((rs) => rs.metadata.labels?.[POD_TEMPLATE_HASH_LABEL] === hash)?.metadata
      .creationTimestamp ?? 'never';
  if (!(made(status.currentPodHash) < made(status.stableRS))) throw new Unsafe('a new version skipped its steps');
}

/** Only a complete version becomes the one that serves, and never an aborted one. */
function promotion(snapshot: RolloutSnapshot, { status }: RolloutDecision): void {
  const before = snapshot.rollout.status;
  if (status.stableRS === before?.stableRS) return;
  if (status.stableRS === undefined) {
    const kept = snapshot.replicaSets.some((rs) => rs.metadata.labels?.[POD_TEMPLATE_HASH_LABEL] === before?.stableRS);
    if (kept) throw new Unsafe('the version that serves was forgotten');
    return;
  }
  const { replicas } = specOf(snapshot);
  const service = snapshot.services[isBlueGreen(snapshot) ? 'active' : 'stable'];
  const points = service?.spec.selector?.[POD_TEMPLATE_HASH_LABEL];
  // The status was lost; what the Service says is taken over.
  if (before?.stableRS === undefined && points === status.stableRS) return;
  if (known(snapshot, status.stableRS) < replicas) throw new Unsafe(`promoted with too few of ${replicas} pods`);
  if (status.abort === true) throw new Unsafe('promoted although aborted');
  const failed = snapshot.analysisRuns.some(
    ({ metadata, spec, status: run }) =>
      metadata.name === before?.canary?.currentBackgroundAnalysisRunStatus?.name &&
      spec.terminate !== true &&
      run?.phase === 'Failed',
  );
  // Who retries wants it measured once more, and without steps nothing waits for that.
  const retried = before?.abortedAt !== undefined;
  if (failed && !retried && before?.promoteFull !== true)
    throw new Unsafe('promoted although what was measured is bad');
  const last = specOf(snapshot).steps.length;
  const skips = before?.promoteFull === true || before?.stableRS === undefined;
  if (!skips && (before?.currentStepIndex ?? 0) < last && (status.currentStepIndex ?? 0) < last) {
    throw new Unsafe(`promoted in step ${before?.currentStepIndex}`);
  }
}

function route(cluster: ModelCluster): Route {
  return (
    cluster.get<Route>('route', 'route') ?? { metadata: { name: 'route' }, canaryWeight: 0, served: 0, accepted: 'yes' }
  );
}

function selector(cluster: ModelCluster, service: string): string | undefined {
  return cluster.get<Service>('service', service)?.spec.selector?.[POD_TEMPLATE_HASH_LABEL];
}

/** Pods that the controller knew to serve behind a Service. */
function behind(cluster: ModelCluster, snapshot: RolloutSnapshot, service: string): number {
  if (cluster.get('service', service) === undefined) return 0;
  return known(snapshot, selector(cluster, service));
}

/** Pods of a version that the controller knew to serve; of all versions without a hash. */
function known(snapshot: RolloutSnapshot, hash: string | undefined): number {
  return snapshot.replicaSets
    .filter((rs) => hash === undefined || rs.metadata.labels?.[POD_TEMPLATE_HASH_LABEL] === hash)
    .reduce((sum, rs) => sum + Math.min(rs.status?.availableReplicas ?? 0, rs.spec.replicas ?? 1), 0);
}

function wantedPods(cluster: ModelCluster): Map<string, number> {
  return new Map(cluster.list<ReplicaSet>('replicaSet').map((rs) => [rs.metadata.name, rs.spec.replicas ?? 1]));
}

const memo = new WeakMap<object, Settings>();

/** The settings of a snapshot; a spec is never changed in place, so each is read once. */
function specOf({ rollout }: RolloutSnapshot): Settings {
  const known = memo.get(rollout.spec) ?? settingsOf(rollout.spec);
  memo.set(rollout.spec, known);
  return known;
}
