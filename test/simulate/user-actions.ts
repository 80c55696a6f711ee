import type { RolloutSpecStrategyBlueGreen } from '../../controller/api/generated/rollout.ts';
import { POD_TEMPLATE_HASH_LABEL } from '../../controller/api/names.ts';
import type { Random } from '../../controller/platform/random.ts';
import type { Service } from '../../controller/rollout/snapshot.ts';
import type { ModelCluster, Route } from './model-cluster.ts';
import { asVersion, pick, randomBlueGreen, randomParts, STEPS, VERSIONS } from './random-spec.ts';
import type { World } from './world.ts';

/** What people, Git and autoscalers do to a Rollout; each says what it did. */
export type UserAction = (cluster: ModelCluster, random: Random, world: World) => string;

const USER_ACTIONS: readonly UserAction[] = [
  newVersion,
  newVersion,
  newVersion,
  scale,
  autoscale,
  abort,
  retry,
  promote,
  promote,
  promoteFull,
  togglePause,
  otherSteps,
  otherParts,
  toggleBroken,
  editRoute,
  restart,
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
  const released = status?.blueGreen?.scaleUpPreviewCheckPoint === true;
  if ((weight > 0 || released) && random() < 0.3) return abort(cluster);
  return pick(random, USER_ACTIONS)(cluster, random, world);
}

function newVersion(cluster: ModelCluster, random: Random): string {
  const version = pick(random, VERSIONS);
  cluster.changeSpec((spec) => asVersion(spec, version));
  return `asks for ${version}`;
}

/** As the plugin does it. */
function restart(cluster: ModelCluster): string {
  const restartAt = new Date(Math.ceil(cluster.now / 1000) * 1000).toISOString();
  cluster.changeSpec((spec) => ({ ...spec, restartAt }));
  return 'restarts';
}

function scale(cluster: ModelCluster, random: Random): string {
  const replicas = Math.floor(random() * 8);
  cluster.changeSpec((spec) => ({ ...spec, replicas }));
  return `scales to ${replicas}`;
}

/** The autoscaler: a pod more or less, or twice as many, and never none. */
function autoscale(cluster: ModelCluster, random: Random): string {
  const { replicas } = cluster.rollout.spec;
  const wanted = Math.max(1, Math.min(10, pick(random, [replicas + 1, replicas - 1, replicas * 2])));
  cluster.changeSpec((spec) => ({ ...spec, replicas: wanted }));
  return `(the autoscaler) scales to ${wanted}`;
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
  const { blueGreen } = cluster.rollout.spec.strategy;
  if (blueGreen !== undefined) return otherChecks(cluster, random, blueGreen);
  const steps = pick(random, STEPS);
  cluster.changeSpec((spec) => ({ ...spec, strategy: { canary: { ...spec.strategy.canary, steps } } }));
  return `changes to ${steps.length} steps`;
}

/** Pods are to have other labels, and to run elsewhere. */
function otherParts(cluster: ModelCluster, random: Random): string {
  cluster.changeSpec((spec) => {
    const { canary, blueGreen } = spec.strategy;
    if (blueGreen !== undefined) {
      const { activeMetadata: _, previewMetadata: __, antiAffinity: ___, ...rest } = blueGreen;
      const parts = randomParts(random, 'activeMetadata', 'previewMetadata');
      return { ...spec, strategy: { blueGreen: { ...rest, ...parts } } };
    }
    const { stableMetadata: _, canaryMetadata: __, antiAffinity: ___, ...rest } = canary ?? {};
    const parts = randomParts(random, 'stableMetadata', 'canaryMetadata');
    return { ...spec, strategy: { canary: { ...rest, ...parts } } };
  });
  return 'changes the labels of pods';
}

/** Other pauses and analyses; the delays stay, so that it can be told whether they were kept. */
function otherChecks(cluster: ModelCluster, random: Random, old: RolloutSpecStrategyBlueGreen): string {
  const { scaleDownDelaySeconds, abortScaleDownDelaySeconds, scaleDownDelayRevisionLimit, ...rest } =
    randomBlueGreen(random);
  const { activeService, previewService = 'preview' } = old;
  const blueGreen = {
    activeService,
    previewService,
    ...rest,
    scaleDownDelaySeconds: old.scaleDownDelaySeconds ?? 30,
    abortScaleDownDelaySeconds: old.abortScaleDownDelaySeconds ?? 30,
    ...(old.scaleDownDelayRevisionLimit === undefined
      ? {}
      : { scaleDownDelayRevisionLimit: old.scaleDownDelayRevisionLimit }),
  };
  cluster.changeSpec((spec) => ({ ...spec, strategy: { blueGreen } }));
  return `changes to ${JSON.stringify(rest)}`;
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
  if (cluster.rollout.spec.strategy.blueGreen !== undefined) return editService(cluster);
  const route = cluster.get<Route>('route', 'route');
  if (route === undefined || route.canaryWeight === 0) return 'leaves the route alone';
  cluster.put('route', { ...route, canaryWeight: 1, served: 1 });
  return 'edits the route';
}

/** Somebody applies the active Service without the hash, so that it selects the pods of all versions. */
function editService(cluster: ModelCluster): string {
  const service = cluster.get<Service>('service', 'active');
  if (service === undefined) return 'leaves the Service alone';
  const { [POD_TEMPLATE_HASH_LABEL]: _, ...selector } = service.spec.selector ?? {};
  cluster.put('service', { ...service, spec: { ...service.spec, selector } });
  return 'edits the active Service';
}
