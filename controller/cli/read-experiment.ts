import { ANALYSIS_RUN_RESOURCE, type AnalysisRun } from '../api/generated/analysisrun.ts';
import { EXPERIMENT_RESOURCE, type Experiment } from '../api/generated/experiment.ts';
import { POD_TEMPLATE_HASH_LABEL } from '../api/names.ts';
import { dropBadStatus, specProblem } from '../api/stored-object.ts';
import { isNotFound } from '../kube/errors.ts';
import type { KubeObject } from '../kube/types.ts';
import { SlipwayError } from '../platform/errors.ts';
import type { ReplicaSet } from '../rollout/snapshot.ts';
import type { ExperimentView } from './render/experiment-tree.ts';
import { POD_RESOURCE, REPLICA_SET_RESOURCE, type Session } from './session.ts';

/** One Experiment with what it made; SlipwayError `ExperimentNotFound` names the namespace that was searched. */
export async function readExperiment(session: Session, name: string): Promise<ExperimentView> {
  const { client, namespace, signal } = session;
  let experiment: KubeObject;
  try {
    experiment = await client.get(EXPERIMENT_RESOURCE, `${namespace}/${name}`, { signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new SlipwayError(
      'ExperimentNotFound',
      `experiment "${name}" not found in namespace "${namespace}": name another namespace with -n`,
    );
  }
  const problem = specProblem(experiment);
  if (problem !== undefined) throw new SlipwayError('InvalidSpec', `experiment "${name}": ${problem}`);
  const [view] = await withParts(session, [experiment as Experiment]);
  return view as ExperimentView;
}

/** Experiments with what they made; asks nothing when there are none. Those that cannot be read are left out. */
export async function withParts(session: Session, experiments: readonly Experiment[]): Promise<ExperimentView[]> {
  const readable = experiments.filter((experiment) => specProblem(experiment) === undefined);
  if (readable.length === 0) return [];
  const { client, namespace, signal } = session;
  const marked = { namespace, labelSelector: POD_TEMPLATE_HASH_LABEL, signal };
  const [replicaSets, pods, runs] = await Promise.all([
    client.list(REPLICA_SET_RESOURCE, marked),
    client.list(POD_RESOURCE, marked),
    client.list(ANALYSIS_RUN_RESOURCE, { namespace, signal }),
  ]);
  for (const object of [...readable, ...runs]) dropBadStatus(object);
  return readable.map((experiment) => {
    const owned = (object: KubeObject): boolean =>
      object.metadata.ownerReferences?.some(({ uid }) => uid === experiment.metadata.uid) === true;
    return {
      experiment,
      replicaSets: replicaSets.filter(owned) as ReplicaSet[],
      pods,
      analysisRuns: runs.filter(owned) as AnalysisRun[],
    };
  });
}
