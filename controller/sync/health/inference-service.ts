import type { KubeObject } from '../../kube/types.ts';
import { degraded, type Finding, healthy, progressing, suspended } from './health.ts';
import { conditionOf, conditionsOf, explainTyped, numberAt, type SeenCondition, textAt } from './read.ts';

/** Reasons of KServe, Knative and Deployments for which not ready does not pass without a new spec. */
const TERMINAL =
  /^(RevisionFailed|RevisionMissing|ContainerMissing|ProgressDeadlineExceeded|ImagePullBackOff|ErrImagePull|CrashLoopBackOff|InvalidSpec|InvalidPredictorSpec|NoSupportingRuntime|RuntimeNotRecognized|RuntimeDisabled|ModelLoadFailed|ExitCode-?\d+)$/;

/** Conditions that are well when False, or say nothing of the service. */
const NOT_ABOUT_READINESS: ReadonlySet<string> = new Set(['Stopped']);

/**
 * KServe InferenceService: ready, its newest revision serves, and the model is loaded. Its observedGeneration is copied from
 * a child and says nothing of its own generation, so the revisions and the transition of the model stand in for it.
 */
export function inferenceServiceHealth(object: KubeObject): Finding {
  const stopped = conditionOf(object, 'Stopped');
  if (stopped?.status === 'True') return suspended('stopped by annotation serving.kserve.io/stop', 'stopped');
  const transition = textAt(object, 'status', 'modelStatus', 'transitionStatus');
  const load = failedLoad(object, transition);
  if (load !== undefined) return degraded(load, 'failed-load');

  const conditions = conditionsOf(object).filter(({ type }) => !NOT_ABOUT_READINESS.has(type));
  const ready = conditions.find(({ type }) => type === 'Ready');
  if (ready === undefined) return progressing('condition Ready is not reported yet', 'no-status');
  const broken = conditions.find(({ status, reason }) => status === 'False' && TERMINAL.test(reason));
  if (broken !== undefined) return degraded(explainTyped(broken), 'terminal');
  const waiting = notTrue(conditions);
  if (waiting !== undefined) return progressing(waiting, 'condition');

  const created = textAt(object, 'status', 'components', 'predictor', 'latestCreatedRevision');
  const serving = textAt(object, 'status', 'components', 'predictor', 'latestReadyRevision');
  if (created !== '' && created !== serving)
    return progressing(`revision ${created} is not ready, ${serving || 'none'} serves`, 'revision');
  const copies = numberAt(object, ['status', 'modelStatus', 'copies', 'totalCopies'], 0);
  if (transition === 'InProgress') {
    // A service that was scaled to zero stays in progress for ever, though it is ready.
    if (numberAt(object, ['spec', 'predictor', 'minReplicas'], 1) === 0)
      return healthy(`ready, ${copies} copies loaded: it may scale to zero`, 'scale-to-zero');
    const target = textAt(object, 'status', 'modelStatus', 'states', 'targetModelState') || 'unknown';
    return progressing(`the model is in transition: target ${target}, ${copies} copies loaded`, 'transition');
  }
  return healthy(
    copies > 0
      ? `ready, ${copies} copies of the model are loaded`
      : `ready, ${conditions.length} of ${conditions.length} conditions are True`,
  );
}

function failedLoad(object: KubeObject, transition: string): string | undefined {
  const state = ['targetModelState', 'activeModelState'].find(
    (name) => textAt(object, 'status', 'modelStatus', 'states', name) === 'FailedToLoad',
  );
  const bad = transition !== '' && transition !== 'UpToDate' && transition !== 'InProgress';
  if (!bad && state === undefined) return undefined;
  const failed = numberAt(object, ['status', 'modelStatus', 'copies', 'failedCopies'], 0);
  const why = ['reason', 'message']
    .map((field) => textAt(object, 'status', 'modelStatus', 'lastFailureInfo', field))
    .filter((text) => text !== '');
  return [
    bad ? transition : `${state} is FailedToLoad`,
    ...why,
    ...(failed > 0 ? [`${failed} failed copies`] : []),
  ].join(': ');
}

function notTrue(conditions: readonly SeenCondition[]): string | undefined {
  const open = conditions.filter(({ status }) => status !== 'True');
  // Ready only repeats what another condition says better.
  const [first] = open.toSorted((a, b) => Number(a.type === 'Ready') - Number(b.type === 'Ready'));
  return first === undefined
    ? undefined
    : `${conditions.length - open.length} of ${conditions.length} conditions are True; ${explainTyped(first)}`;
}
