import { ROLLOUT_RESOURCE, type Rollout } from '../../api/generated/rollout.ts';
import {
  POD_TEMPLATE_HASH_LABEL,
  REVISION_ANNOTATION,
  TEMPLATE_DIGEST_ANNOTATION,
  TRACKING_ANNOTATION,
} from '../../api/names.ts';
import type { KubeObject } from '../../kube/types.ts';
import { SlipwayError } from '../../platform/errors.ts';
import { changedObjects, markOf } from '../../rollout/config/mark.ts';
import { undressed } from '../../rollout/dress.ts';
import { WORKLOAD_RESOURCES } from '../../rollout/resources.ts';
import type { PodTemplate, ReplicaSet } from '../../rollout/snapshot.ts';
import { userTemplate } from '../../rollout/template.ts';
import { type WorkloadReference, workloadReference } from '../../rollout/workload.ts';
import { readView } from '../read-rollout.ts';
import type { Session } from '../session.ts';

export interface UndoOptions {
  toRevision?: number;
  force?: boolean;
}

/**
 * `undo NAME`: puts the pod template and the model version of an earlier revision into the spec. What Git manages is not
 * changed behind its back: the command then names the `git revert` and acts only with `force`.
 */
export async function undo(session: Session, name: string, options: UndoOptions): Promise<void> {
  const { rollout, replicaSets } = await readView(session, name);
  refuseManaged(rollout, options);
  const target = findRevision(rollout, replicaSets, options.toRevision);
  const revision = revisionOf(target);
  refuseOtherConfig(rollout, replicaSets, target);
  const { template, model } = userTemplate(undressed(target));
  if (model !== undefined && rollout.spec.model?.name !== undefined && model.name !== rollout.spec.model.name) {
    throw new SlipwayError(
      'ActionRefused',
      `revision ${revision} served model "${model.name}", the spec names "${rollout.spec.model.name}": change the spec instead`,
    );
  }
  const workload = workloadReference(rollout);
  if (workload !== undefined && model === undefined) {
    await undoWorkload(session, workload, template, options);
    session.print(`rollout "${name}" undo to revision ${revision} in ${workload.kind} "${workload.name}"`);
    return;
  }
  const spec = {
    ...rollout.spec,
    ...(workload === undefined ? { template } : {}),
    ...(model === undefined || rollout.spec.model === undefined
      ? {}
      : { model: { ...rollout.spec.model, version: model.version } }),
  };
  // A PUT of what was read: a change in between is a conflict, never overwritten.
  const write = { fieldManager: 'kubectl-slipway', signal: session.signal };
  await session.client.update(ROLLOUT_RESOURCE, { ...rollout, spec }, write);
  session.print(
    `rollout "${name}" undo to revision ${revision}${model === undefined ? '' : ` (model ${model.name}/${model.version})`}`,
  );
}

/** The template is the workload's, so that is where it goes back to. */
async function undoWorkload(
  session: Session,
  { kind, name }: WorkloadReference,
  template: PodTemplate,
  options: UndoOptions,
): Promise<void> {
  const resource = WORKLOAD_RESOURCES[kind];
  const workload = await session.client.get(resource, `${session.namespace}/${name}`, { signal: session.signal });
  refuseManaged(workload, options);
  const spec = workload['spec'] as object | undefined;
  const changed = kind === 'PodTemplate' ? { ...workload, template } : { ...workload, spec: { ...spec, template } };
  await session.client.update(resource, changed, { fieldManager: 'kubectl-slipway', signal: session.signal });
}

/** What Git manages is changed only when told to. */
function refuseManaged({ kind, metadata }: KubeObject, options: UndoOptions): void {
  const tracked = metadata.annotations?.[TRACKING_ANNOTATION];
  if (tracked === undefined || options.force === true) return;
  const application = tracked.split(':')[0]?.replace('_', '/');
  throw new SlipwayError(
    'ManagedByGit',
    `${kind.toLowerCase()} "${metadata.name}" is managed by application "${application}": revert the commit in Git (git revert), or use --force to change it until the next sync`,
  );
}

/** What a ConfigMap said is not in a template, so a template cannot bring it back. */
export function refuseOtherConfig(rollout: Rollout, replicaSets: readonly ReplicaSet[], target: ReplicaSet): void {
  const hash = rollout.status?.currentPodHash;
  const current = replicaSets.find(({ metadata }) => metadata.labels?.[POD_TEMPLATE_HASH_LABEL] === hash);
  const digest = (of: ReplicaSet | undefined) => of?.metadata.annotations?.[TEMPLATE_DIGEST_ANNOTATION];
  if (current === undefined || digest(current) === undefined || digest(current) !== digest(target)) return;
  const changed = changedObjects(markOf(current), markOf(target));
  if (changed === '') return;
  throw new SlipwayError(
    'ActionRefused',
    `revision ${revisionOf(target)} has the template of the current one and differs only in ${changed}: change that back instead`,
  );
}

/** The wanted revision, or the newest that is not the current one. */
export function findRevision(
  rollout: Rollout,
  replicaSets: readonly ReplicaSet[],
  wanted: number | undefined,
): ReplicaSet {
  const byRevision = [...replicaSets].sort((a, b) => revisionOf(b) - revisionOf(a));
  const known = byRevision.map(revisionOf).filter((revision) => revision > 0);
  if (wanted === undefined) {
    const previous = byRevision.find(
      (replicaSet) => replicaSet.metadata.labels?.[POD_TEMPLATE_HASH_LABEL] !== rollout.status?.currentPodHash,
    );
    if (previous !== undefined) return previous;
    throw new SlipwayError('ActionRefused', `rollout "${rollout.metadata.name}" has no earlier revision to go back to`);
  }
  const found = byRevision.find((replicaSet) => revisionOf(replicaSet) === wanted);
  if (found !== undefined) return found;
  throw new SlipwayError(
    'ActionRefused',
    `rollout "${rollout.metadata.name}" has no revision ${wanted}; it has ${known.join(', ')}`,
  );
}

function revisionOf(replicaSet: ReplicaSet): number {
  return Number(replicaSet.metadata.annotations?.[REVISION_ANNOTATION] ?? 0) || 0;
}
