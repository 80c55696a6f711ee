import { ANALYSIS_RUN_RESOURCE, type AnalysisRun } from '../api/generated/analysisrun.ts';
import { EXPERIMENT_RESOURCE, type Experiment } from '../api/generated/experiment.ts';
import { ROLLOUT_RESOURCE, type Rollout } from '../api/generated/rollout.ts';
import { dropBadStatus, specProblem } from '../api/stored-object.ts';
import { isNotFound } from '../kube/errors.ts';
import type { KubeObject } from '../kube/types.ts';
import { SlipwayError } from '../platform/errors.ts';
import type { ReplicaSet } from '../rollout/snapshot.ts';
import { withParts } from './read-experiment.ts';
import type { RolloutView } from './render/rollout-tree.ts';
import { POD_RESOURCE, REPLICA_SET_RESOURCE, type Session } from './session.ts';

/**
 * One Rollout; SlipwayError `RolloutNotFound` names the namespace that was searched, `InvalidSpec` what cannot be read of
 * one that was stored before its CRD would refuse it.
 */
export async function readRollout(session: Session, name: string): Promise<Rollout> {
  const rollout = await getRollout(session, name);
  const problem = specProblem(rollout);
  if (problem !== undefined) throw new SlipwayError('InvalidSpec', `rollout "${name}": ${problem}`);
  dropBadStatus(rollout);
  return rollout;
}

async function getRollout({ client, namespace, signal }: Session, name: string): Promise<Rollout> {
  try {
    return (await client.get(ROLLOUT_RESOURCE, `${namespace}/${name}`, { signal })) as Rollout;
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new SlipwayError(
      'RolloutNotFound',
      `rollout "${name}" not found in namespace "${namespace}": name another namespace with -n`,
    );
  }
}

/** The Rollout with all that belongs to it. */
export async function readView(session: Session, name: string): Promise<RolloutView> {
  const rollout = await readRollout(session, name);
  const { namespace, signal, client } = session;
  const labelSelector = selectorOf(rollout);
  const [replicaSets, pods, analysisRuns, experiments] = await Promise.all([
    client.list(REPLICA_SET_RESOURCE, { namespace, labelSelector, signal }),
    client.list(POD_RESOURCE, { namespace, labelSelector, signal }),
    client.list(ANALYSIS_RUN_RESOURCE, { namespace, signal }),
    client.list(EXPERIMENT_RESOURCE, { namespace, signal }),
  ]);
  for (const run of analysisRuns) dropBadStatus(run);
  const owned = (object: KubeObject): boolean =>
    object.metadata.ownerReferences?.some((owner) => owner.uid === rollout.metadata.uid) === true;
  return {
    rollout,
    replicaSets: replicaSets.filter(owned) as ReplicaSet[],
    pods,
    analysisRuns: analysisRuns.filter(owned) as AnalysisRun[],
    experiments: await withParts(session, experiments.filter(owned) as Experiment[]),
  };
}

/** The selector in the form of a query; what it leaves out is filtered by owner anyway. */
function selectorOf(rollout: Rollout): string {
  return Object.entries(rollout.spec.selector?.matchLabels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}
