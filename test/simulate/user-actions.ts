import type { Random } from '../../controller/platform/random.ts';
import type { ModelCluster, Route } from './model-cluster.ts';
import { asVersion, pick, STEPS, VERSIONS } from './random-spec.ts';
import type { World } from './world.ts';

/** What people, Git and autoscalers do to a Rollout; each says what it did. */
export type UserAction = (cluster: ModelCluster, random: Random, world: World) => string;

const USER_ACTIONS: readonly UserAction[] = [
  newVersion,
  newVersion,
  newVersion,
  scale,
  scale,
  abort,
  retry,
  promote,
  promote,
  promoteFull,
  togglePause,
  otherSteps,
  toggleBroken,
  editRoute,
];

/**
 * Somebody does something. What keeps a release from moving is soon taken back, and a version that gets requests is more
 * likely to be aborted, so that histories reach the states in which something can go wrong.
 */
export function actAtRandom(cluster: ModelCluster, random: Random, world: World): string {
  if (cluster.rollout.spec.paused === true && random() < 0.5) return togglePause(cluster);
  if (world.broken.size > 0 && random() < 0.3) return toggleBroken(cluster, random, world);
  const { status } = cluster.rollout;
  if (status?.stableRS !== undefined && status.stableRS === status.currentPodHash && random() < 0.7) {
    return newVersion(cluster, random);
  }
  const weight = cluster.get<Route>('route', 'route')?.canaryWeight ?? 0;
  if (weight > 0 && random() < 0.3) return abort(cluster);
  return pick(random, USER_ACTIONS)(cluster, random, world);
}

function newVersion(cluster: ModelCluster, random: Random): string {
  const version = pick(random, VERSIONS);
  cluster.changeSpec((spec) => asVersion(spec, version));
  return `asks for ${version}`;
}

function scale(cluster: ModelCluster, random: Random): string {
  const replicas = Math.floor(random() * 8);
  cluster.changeSpec((spec) => ({ ...spec, replicas }));
  return `scales to ${replicas}`;
}

function abort(cluster: ModelCluster): string {
  cluster.patchStatus({ abort: true });
  return 'aborts';
}

function retry(cluster: ModelCluster): string {
  if (cluster.rollout.status?.abort !== true) return 'has nothing to retry';
  cluster.patchStatus({ abort: false });
  return 'retries';
}

/** As the plugin does it: a pause is ended, any other step is skipped. */
function promote(cluster: ModelCluster): string {
  const { status } = cluster.rollout;
  if (status?.pauseConditions !== undefined) cluster.patchStatus({ pauseConditions: null });
  else cluster.patchStatus({ currentStepIndex: (status?.currentStepIndex ?? 0) + 1 });
  return 'promotes';
}

function promoteFull(cluster: ModelCluster): string {
  cluster.patchStatus({ promoteFull: true });
  return 'promotes in full';
}

function togglePause(cluster: ModelCluster): string {
  cluster.changeSpec((spec) => ({ ...spec, paused: spec.paused !== true }));
  return `sets paused to ${cluster.rollout.spec.paused}`;
}

function otherSteps(cluster: ModelCluster, random: Random): string {
  const steps = pick(random, STEPS);
  cluster.changeSpec((spec) => ({ ...spec, strategy: { canary: { ...spec.strategy.canary, steps } } }));
  return `changes to ${steps.length} steps`;
}

/** Pods of the version under test do not start any more, or everything starts again. */
function toggleBroken(cluster: ModelCluster, _random: Random, world: World): string {
  const hash = cluster.rollout.status?.currentPodHash;
  if (world.broken.size > 0 || hash === undefined) world.broken.clear();
  else world.broken.add(hash);
  return `breaks ${[...world.broken].join() || 'nothing'}`;
}

/** Somebody edits the split by hand, to less than what the version under test has pods for. */
function editRoute(cluster: ModelCluster): string {
  const route = cluster.get<Route>('route', 'route');
  if (route === undefined || route.canaryWeight === 0) return 'leaves the route alone';
  cluster.put('route', { ...route, canaryWeight: 1, served: 1 });
  return 'edits the route';
}
