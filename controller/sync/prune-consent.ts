import type { Application } from '../api/generated/application.ts';
import { DELETION_APPROVED_ANNOTATION } from '../api/names.ts';
import type { KubeObject } from '../kube/types.ts';
import { annotation, applicationOptions, objectOptions } from './object-options.ts';

/** Whether an object that is gone from Git may be deleted. It is the live object that says so: Git has it no more. */
export type PruneConsent =
  | { type: 'given'; propagation: 'Foreground' | 'Background' | 'Orphan'; quiet: boolean }
  /** `quiet`: it does not make the Application OutOfSync. */
  | { type: 'refused'; message: string; quiet: boolean }
  | { type: 'awaited'; message: string; quiet: boolean };

/** Decides by the annotations of the live object and the options of the Application. */
export function pruneConsent(live: KubeObject, application: Application): PruneConsent {
  const whole = applicationOptions(application);
  const { options, problems } = objectOptions(live, whole.options);
  const quiet = options.ignoreExtraneous;
  const problem = whole.problem ?? problems[0];
  if (problem !== undefined) return { type: 'refused', message: `not deleted, since its ${problem}`, quiet };
  switch (options.prune) {
    case 'false':
      return { type: 'refused', message: 'is gone from Git and stays, since its sync option is Prune=false', quiet };
    case 'confirm':
      if (isApproved(application)) break;
      return {
        type: 'awaited',
        message: `is gone from Git and waits for a confirmation (Prune=confirm): annotate the Application with ${DELETION_APPROVED_ANNOTATION}=<time now, RFC 3339>`,
        quiet,
      };
    case 'true':
      break;
  }
  return { type: 'given', propagation: options.prunePropagation, quiet };
}

/** A confirmation counts for the sync that it was given in: what a later sync wants to delete is asked for again. */
function isApproved(application: Application): boolean {
  const approved = Date.parse(annotation(application, DELETION_APPROVED_ANNOTATION).value);
  const started = Date.parse(application.status?.operationState?.startedAt ?? '');
  return approved >= started;
}
