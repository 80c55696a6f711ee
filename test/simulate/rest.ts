import type { RolloutStatus } from '../../controller/api/generated/rollout.ts';
import { POD_TEMPLATE_HASH_LABEL } from '../../controller/api/names.ts';
import { canonicalJson } from '../../controller/manifest/canonical.ts';
import { type Settings, settingsOf } from '../../controller/rollout/settings.ts';
import type { ReplicaSet, Service } from '../../controller/rollout/snapshot.ts';
import type { ModelCluster, Route } from './model-cluster.ts';
import { versionOf } from './random-spec.ts';
import type { Reconciler } from './reconciler.ts';
import { checkPodMetadata } from './rest-metadata.ts';
import type { World } from './world.ts';

/** Throws unless everything has come to rest in the state that was asked for. */
export function checkRest(cluster: ModelCluster, world: World, reconciler: Reconciler): void {
  const { spec } = cluster.rollout;
  const status = cluster.rollout.status ?? {};
  const settings = settingsOf(spec);
  const again = reconciler.reconcile();
  const idle = again?.commands.length === 0 && canonicalJson(again.status) === canonicalJson(status);
  if (!idle) throw new Error(`not idle at rest: ${JSON.stringify(again)}`);
  // Waiting for a person or for pods that never start is rest, too.
  if (world.broken.size > 0 || settings.paused || status.pauseConditions !== undefined) return;
  if (status.abort !== true && status.phase !== 'Healthy') {
    throw new Error(`rests in ${status.phase}: ${JSON.stringify(status)}`);
  }
  const weight = cluster.get<Route>('route', 'route')?.canaryWeight;
  if (settings.routed && weight !== 0) throw new Error(`weight ${weight} at rest`);
  checkServices(cluster, settings, status);
  checkPodMetadata(cluster, world);
  checkRestart(cluster, world, settings, status);
  const kept = settings.abortScaleDownDelayMs === Number.POSITIVE_INFINITY && status.abort === true;
  const sets = cluster.list<ReplicaSet>('replicaSet');
  const stable = sets.find((rs) => rs.metadata.name.endsWith(`-${status.stableRS}`));
  const pods = Object.fromEntries(sets.map((rs) => [versionOf(rs), rs.spec.replicas ?? 1]).filter(([, n]) => n !== 0));
  const expected = stable === undefined || settings.replicas === 0 ? {} : { [versionOf(stable)]: settings.replicas };
  if (!kept && canonicalJson(pods) !== canonicalJson(expected)) {
    throw new Error(`pods at rest ${JSON.stringify(pods)}, expected ${JSON.stringify(expected)}`);
  }
}

/** What was to be restarted has been. */
function checkRestart(
  cluster: ModelCluster,
  world: World,
  { restartAt }: Settings,
  { restartedAt, stableRS }: RolloutStatus,
): void {
  if (restartAt === undefined) return;
  if (Date.parse(restartedAt ?? '') !== restartAt) throw new Error(`restarted ${restartedAt}, wanted ${restartAt}`);
  const rs = cluster.list<ReplicaSet>('replicaSet').find((one) => one.metadata.name.endsWith(`-${stableRS}`));
  const old = world.podStates().filter((pod) => pod.replicaSet === rs?.metadata.uid && pod.createdAt < restartAt);
  // An update makes the pods of its version anew, those of the version that it leaves it does not.
  if (old.length > 0 && cluster.rollout.status?.abort !== true) throw new Error(`${old.length} pods are too old`);
}

/** Requests of a blue-green Rollout go to the version that serves. */
function checkServices(
  cluster: ModelCluster,
  { blueGreen, replicas }: Settings,
  { stableRS, blueGreen: said }: RolloutStatus,
): void {
  if (blueGreen === undefined || replicas === 0) return;
  const hash = cluster.get<Service>('service', 'active')?.spec.selector?.[POD_TEMPLATE_HASH_LABEL];
  if (hash !== stableRS || said?.activeSelector !== stableRS) {
    throw new Error(`active Service at ${hash} at rest, stable is ${stableRS}, said ${said?.activeSelector}`);
  }
}
