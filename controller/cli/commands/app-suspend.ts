import { APPLICATION_RESOURCE, type Application } from '../../api/generated/application.ts';
import { automationOf } from '../../sync/automation.ts';
import { noteOwner } from '../note-owner.ts';
import { readApplication } from '../read-application.ts';
import type { Session } from '../session.ts';

/** `app suspend NAME`: no sync by itself any more, until it is resumed. Without a reason the one given before is removed. */
export async function appSuspend(session: Session, name: string, reason: string | undefined): Promise<void> {
  const { spec } = await readApplication(session, name);
  const already = spec?.suspend === true && spec.suspendReason === reason;
  if (!already) await patchSpec(session, name, { suspend: true, suspendReason: reason ?? null });
  session.print(`application "${name}" ${already ? 'is suspended already' : 'suspended'}`);
}

/** `app resume NAME`: syncs by itself again, beginning with the newest revision, if its syncPolicy says so. */
export async function appResume(session: Session, name: string): Promise<void> {
  const { spec } = await readApplication(session, name);
  if (spec?.suspend !== true) {
    session.print(`application "${name}" is not suspended`);
    return;
  }
  const resumed = await patchSpec(session, name, { suspend: null, suspendReason: null });
  session.print(`application "${name}" resumed`);
  const { state, message } = automationOf(resumed);
  if (state !== 'Active') session.note(`it is not synced by itself: ${message}`);
}

async function patchSpec(session: Session, name: string, spec: object): Promise<Application> {
  const patched = (await session.client.patch(
    APPLICATION_RESOURCE,
    `${session.namespace}/${name}`,
    'application/merge-patch+json',
    { spec },
    { fieldManager: 'kubectl-slipway', signal: session.signal },
  )) as Application;
  noteOwner(session, patched);
  return patched;
}
