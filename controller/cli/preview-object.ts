import type { Application } from '../api/generated/application.ts';
import { type KubeObject, keyOf } from '../kube/types.ts';
import { adoptOwned } from '../manifest/owned-paths.ts';
import { servedAs } from '../reconcile/application-kinds.ts';
import { typeOf } from '../reconcile/application-snapshot.ts';
import { complaintOf } from '../sync/describe.ts';
import { compareObject, type ExecutorDeps } from '../sync/executor.ts';
import { adoptIgnored } from '../sync/ignore/adopt.ts';
import type { Kinds } from '../sync/kinds.ts';
import { goneFromGit } from '../sync/local-diff/diff-objects.ts';
import type { FieldDifference } from '../sync/local-diff/difference.ts';
import { predictedDifferences } from '../sync/local-diff/predicted-differences.ts';
import { pruneVerdict } from '../sync/prune.ts';
import { pruneConsent } from '../sync/prune-consent.ts';
import { sendingOf } from '../sync/sending.ts';
import type { Leftover, PairedObject } from '../sync/snapshot.ts';
import { fieldBeyondGit } from '../sync/takeover.ts';
import { found } from './found.ts';
import { type ComparedObject, comparedObject } from './render/differences.ts';
import type { Session } from './session.ts';

/**
 * What applying one object would change, by the controller's own comparison.
 *
 * @param made namespaces that come with the sync
 */
export async function previewObject(
  deps: ExecutorDeps,
  object: PairedObject,
  made: ReadonlySet<string>,
): Promise<ComparedObject> {
  const { kind, object: manifest, id } = object.desired;
  const as = (
    state: ComparedObject['state'],
    message?: string,
    differences?: readonly FieldDifference[],
  ): ComparedObject => comparedObject(manifest, state, differences, message);
  switch (kind.state) {
    case 'awaited':
      return as('missing', `its kind comes with CustomResourceDefinition ${kind.definition}`);
    case 'absent':
      return as('failed', 'the cluster does not serve its kind: apply its CustomResourceDefinition first');
    case 'unclear':
      return as('failed', kind.message);
    case 'served':
      break;
  }
  let differences: readonly FieldDifference[] | undefined;
  const record = await compareObject(deps, object, (live, predicted) => {
    differences = [...predictedDifferences(live, predicted), ...takenOver(object, live, predicted)];
  });
  const { verdict } = record;
  const complaint = complaintOf(verdict);
  switch (verdict.state) {
    case 'synced':
      return as('same');
    case 'differs':
      if (differences === undefined) return as('missing');
      return as('different', differences.length === 0 ? complaint : undefined, differences);
    case 'failed':
      if (record.answer === undefined && made.has(id.namespace)) return as('missing', 'together with its namespace');
      return as('failed', complaint);
    case 'owned':
    case 'waiting':
    case 'unseen':
      return as('failed', complaint);
  }
}

/** What a former manager put there and Git lacks, if it does not go with the apply alone. */
function takenOver(object: PairedObject, live: KubeObject, predicted: KubeObject): FieldDifference[] {
  const { ignored, left } = sendingOf(object, live);
  if (fieldBeyondGit(predicted, left) === undefined) return [];
  const wanted = adoptIgnored(adoptOwned(object.desired.object, live, object.ownedPaths), live, ignored);
  const stays = new Set(goneFromGit(wanted, predicted).map(({ path }) => path));
  return goneFromGit(wanted, live).filter(({ path }) => stays.has(path));
}

/** What pruning would do with an object that is gone from Git; nothing to say when it is not there or not ours. */
export async function previewPrune(
  { client, signal }: Session,
  application: Application,
  kinds: Kinds,
  leftover: Leftover,
): Promise<ComparedObject[]> {
  const resource = servedAs(kinds, typeOf(leftover.entry));
  const live = resource && (await found(client.get(resource, keyOf({ metadata: leftover.id }), { signal })));
  if (live === undefined) return [];
  const verdict = pruneVerdict(leftover, live, keyOf(application), false);
  if (verdict === 'gone' || verdict === 'released') return [];
  if (verdict === 'terminating') return [comparedObject(live, 'leftover', [], 'is being deleted')];
  const consent = pruneConsent(live, application);
  if (consent.type !== 'given') return [comparedObject(live, 'leftover', [], consent.message)];
  const off = application.spec.syncPolicy?.automated?.prune !== true;
  return [
    comparedObject(live, 'leftover', [], off ? 'stays until spec.syncPolicy.automated.prune is true' : undefined),
  ];
}
