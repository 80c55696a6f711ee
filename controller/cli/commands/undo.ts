import { ROLLOUT_RESOURCE, type Rollout } from '../../api/generated/rollout.ts';
import { POD_TEMPLATE_HASH_LABEL, REVISION_ANNOTATION, TRACKING_ANNOTATION } from '../../api/names.ts';
import { SlipwayError } from '../../platform/errors.ts';
import type { ReplicaSet } from '../../rollout/snapshot.ts';
import { userTemplate } from '../../rollout/template.ts';
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
  const tracked = rollout.metadata.annotations?.[TRACKING_ANNOTATION];
  if (tracked !== undefined && options.force !== true) {
    const application = tracked.split(':')[0]?.replace('_', '/');
    throw new SlipwayError(
      'ManagedByGit',
      `rollout "${name}" is managed by application "${application}": revert the commit in Git (git revert), or use --force to change it until the next sync`,
    );
  }
  const target = findRevision(rollout, replicaSets, options.toRevision);
  const revision = revisionOf(target);
  const { template, model } = userTemplate(target.spec.template);
  if (model !== undefined && rollout.spec.model?.name !== undefined && model.name !== rollout.spec.model.name) {
    throw new SlipwayError(
      'ActionRefused',
      `revision ${revision} served model "${model.name}", the spec names "${rollout.spec.model.name}": change the spec instead`,
    );
  }
  const spec = {
    ...rollout.spec,
    template,
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
