import type { Application } from '../api/generated/application.ts';
import { trackedBy } from '../manifest/identity.ts';
import type { Session } from './session.ts';

/**
 * What Git manages is changed all the same, since it may be urgent; but whoever does it shall know how long it lasts.
 */
export function noteOwner(session: Pick<Session, 'note'>, application: Application): void {
  const owner = trackedBy(application);
  if (owner === undefined) return;
  const { name } = application.metadata;
  const text = `application "${name}" is itself managed by application "${owner.namespace}/${owner.name}", whose next sync may undo this`;
  session.note(`${text}: change it in Git too`);
}
