import { describeId } from '../manifest/identity.ts';
import type { PassOutcome } from './operation.ts';
import { verdictOf } from './plan.ts';
import { consentTo } from './prune.ts';
import type { SyncSnapshot } from './snapshot.ts';

/**
 * How everything stands after a pass.
 *
 * @param noNamespace what kept the namespace of the Application from being made, if something did
 */
export function standingOf(
  { application, leftovers, objects, revision }: SyncSnapshot,
  noNamespace: PassOutcome['objects'][number] | undefined,
): Pick<PassOutcome, 'revision' | 'objects' | 'pruneFailures' | 'unconfirmed'> {
  return {
    revision,
    objects: [
      ...objects.map((object) => ({ id: object.desired.id, verdict: verdictOf(object) })),
      ...(noNamespace === undefined ? [] : [noNamespace]),
    ],
    pruneFailures: leftovers.flatMap(({ id, failure }) =>
      failure === undefined ? [] : [`${describeId(id)} (${failure.message})`],
    ),
    unconfirmed: leftovers.flatMap((leftover) => {
      const consent = consentTo(leftover, application);
      return consent.type === 'awaited' ? [`${describeId(leftover.id)}: ${consent.message}`] : [];
    }),
  };
}
