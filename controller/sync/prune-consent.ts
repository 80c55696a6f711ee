import type { Application } from '../api/generated/application.ts';
import { DELETION_APPROVED_ANNOTATION } from '../api/names.ts';
import type { KubeObject } from '../kube/types.ts';
import { annotation, applicationOptions, objectOptions } from './object-options.ts';
import { DEFAULT_SYNC_OPTIONS } from './sync-options.ts';

/** Whether an object may be deleted. */
export type Consent =
  | { type: 'given'; propagation: 'Foreground' | 'Background' | 'Orphan' }
  | { type: 'refused'; message: string }
  | { type: 'awaited'; message: string };

/**
 * Whether an object that is gone from Git may be deleted. It is the live object that says so: Git has it no more. `quiet`: it
 * does not make the Application OutOfSync. `last`: only after everything else is applied and healthy. `wave`: it is deleted
 * after those of later waves.
 */
export type PruneConsent = Consent & { quiet: boolean; last: boolean; wave: number };

/** Decides by the annotations of the live object and the options of the Application. */
export function pruneConsent(live: KubeObject, application: Application): PruneConsent {
  const whole = applicationOptions(application);
  const { options, problems } = objectOptions(live, whole.options);
  const place = { quiet: options.ignoreExtraneous, last: options.pruneLast, wave: options.wave };
  const problem = whole.problem ?? problems[0];
  if (problem !== undefined) return { type: 'refused', message: `not deleted, since its ${problem}`, ...place };
  switch (options.prune) {
    case 'false':
      return {
        type: 'refused',
        message: 'is gone from Git and stays, since its sync option is Prune=false',
        ...place,
      };
    case 'confirm':
      if (isApprovedSince(application, application.status?.operationState?.startedAt)) break;
      return {
        type: 'awaited',
        message: `is gone from Git and waits for a confirmation (Prune=confirm): ${HOW_TO_CONFIRM}`,
        ...place,
      };
    case 'true':
      break;
  }
  return { type: 'given', propagation: options.prunePropagation, ...place };
}

/**
 * Whether an object may be deleted because its Application is. What its annotation means and cannot be understood keeps it: a
 * misspelt `Delete=false` must not delete.
 */
export function deleteConsent(
  live: KubeObject,
  application: Application,
  propagation: 'Foreground' | 'Background',
): Consent {
  // Of the options of the Application none is about this, and a bad one of them must not stand in the way.
  const { options, problems } = objectOptions(live, DEFAULT_SYNC_OPTIONS);
  const [problem] = problems;
  if (problem !== undefined) return { type: 'refused', message: `its ${problem}` };
  switch (options.delete) {
    case 'false':
      return { type: 'refused', message: 'its sync option is Delete=false' };
    case 'confirm':
      if (isApprovedSince(application, application.metadata.deletionTimestamp)) break;
      return { type: 'awaited', message: `waits for a confirmation (Delete=confirm): ${HOW_TO_CONFIRM}` };
    case 'true':
      break;
  }
  return { type: 'given', propagation };
}

const HOW_TO_CONFIRM = `annotate the Application with ${DELETION_APPROVED_ANNOTATION}=<time now, RFC 3339>`;

/** A confirmation counts for the sync, or the deletion, that it was given in: what a later one wants to delete is asked again. */
function isApprovedSince(application: Application, started: string | undefined): boolean {
  return Date.parse(annotation(application, DELETION_APPROVED_ANNOTATION).value) >= Date.parse(started ?? '');
}
