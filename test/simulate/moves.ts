import type { AnalysisRun } from '../../controller/api/generated/analysisrun.ts';
import type { Random } from '../../controller/platform/random.ts';
import type { ReplicaSet } from '../../controller/rollout/snapshot.ts';
import type { ModelCluster, Kind as ObjectKind } from './model-cluster.ts';
import { pick } from './random-spec.ts';
import type { Kind } from './script.ts';
import type { World } from './world.ts';

/** What pods, routers and analyses do by themselves. */
export type Move = Extract<
  Kind,
  'podsComeUp' | 'podFails' | 'podFlaps' | 'routerAnswers' | 'routerRefuses' | 'verdict'
>;

const ANY: readonly Move[] = [
  ...new Array<Move>(10).fill('podsComeUp'),
  'podFails',
  ...new Array<Move>(6).fill('routerAnswers'),
  ...new Array<Move>(3).fill('verdict'),
];
const VERDICTS = ['Successful', 'Successful', 'Failed', 'Error', 'Inconclusive'] as const;

/** Something moves. Says what; undefined when nothing could. */
export function moveWorld(cluster: ModelCluster, random: Random, world: World): string | undefined {
  return movePods(pick(random, ANY), cluster, random, world);
}

/** One thing moves. Says what; undefined when it cannot. */
export function movePods(move: Move, cluster: ModelCluster, random: Random, world: World): string | undefined {
  const sets = cluster.list<ReplicaSet>('replicaSet');
  const name = sets.length === 0 ? '' : pick(random, sets).metadata.name;
  switch (move) {
    case 'podsComeUp': {
      const ready = world.ready(name);
      let changed = world.syncReplicaSet(name);
      for (let i = 0; i < 3; i += 1) changed = world.becomeReady(name) || changed;
      changed = world.syncReplicaSet(name) || changed;
      return changed ? `${world.ready(name)} pods of ${name} are ready, ${ready} were` : undefined;
    }
    case 'podFails': {
      const failed = world.fail(name);
      world.syncReplicaSet(name);
      return failed ? `a pod of ${name} fails` : undefined;
    }
    case 'podFlaps': {
      const failed = world.fail(name);
      const told = world.syncReplicaSet(name);
      if (failed) world.becomeReady(name);
      world.syncReplicaSet(name);
      return failed && told ? `a pod of ${name} is not ready and at once ready again` : undefined;
    }
    case 'routerAnswers':
      return world.answerRoute('yes') ? 'the router takes over the weights' : undefined;
    case 'routerRefuses':
      return world.answerRoute('refused') ? 'the router refuses the weights' : undefined;
    case 'verdict': {
      const runs = cluster.list<AnalysisRun>('run');
      if (runs.length === 0) return undefined;
      const [verdict, run] = [pick(random, VERDICTS), pick(random, runs).metadata.name];
      return world.endRun(run, verdict) ? `analysis ${run} ends: ${verdict}` : undefined;
    }
  }
}

/** Somebody writes to an object what means nothing, so that whoever has read it before is late. */
export function touch(cluster: ModelCluster, random: Random): string | undefined {
  const kind = pick<ObjectKind>(random, ['rollout', 'replicaSet', 'replicaSet', 'service', 'route']);
  const objects = cluster.list(kind);
  if (objects.length === 0) return undefined;
  const object = pick(random, objects);
  const labels = { ...object.metadata.labels, touched: String(random()) };
  cluster.put(kind, { ...object, metadata: { ...object.metadata, labels } });
  return `somebody else writes to ${kind} ${object.metadata.name}`;
}
