import type { Application, ApplicationStatus } from '../api/generated/application.ts';
import { RECONCILE_ANNOTATION } from '../api/names.ts';

/** The word by which somebody asks to look at Git and at the cluster now; undefined when that was done. */
export function askedLook({ metadata, status }: Application): string | undefined {
  const word = metadata.annotations?.[RECONCILE_ANNOTATION];
  return word === status?.lastHandledReconcileAt ? undefined : word;
}

/** The status after a pass that did what was asked by a word. */
export function handled(status: ApplicationStatus, word: string | undefined): ApplicationStatus {
  return word === undefined ? status : { ...status, lastHandledReconcileAt: word };
}
