import { findCondition } from '../../api/conditions.ts';
import { APPLICATION_RESOURCE, type Application } from '../../api/generated/application.ts';
import { RESOURCES_FINALIZER } from '../../api/names.ts';
import { isConflict } from '../../kube/errors.ts';
import { SlipwayError } from '../../platform/errors.ts';
import { type DeletionIntent, type DeletionPolicy, deletionIntent, isResourcesFinalizer } from '../../sync/deletion.ts';
import { DELETING_CONDITION } from '../../sync/deletion-status.ts';
import { counted } from '../../sync/describe.ts';
import { noteOwner } from '../note-owner.ts';
import { readApplication } from '../read-application.ts';
import type { Session } from '../session.ts';
import { waitUntil } from '../wait-until.ts';

export interface DeleteFlags {
  /** What becomes of the objects; without it, what the finalizers of the Application say. */
  cascade?: DeletionPolicy;
  wait?: boolean;
  /** Milliseconds; 0 waits for ever. */
  timeout: number;
}

/** Attempts before a conflict is shown; each works on what was read anew. */
const ATTEMPTS = 5;

/**
 * `app delete NAME`: sets the finalizer that says what becomes of the objects, and deletes the Application. With `wait` it
 * returns when the Application is gone, and says meanwhile what holds it up.
 */
export async function appDelete(session: Session, name: string, flags: DeleteFlags): Promise<void> {
  const application = await withPolicy(session, name, flags.cascade);
  const intent = deletionIntent(application.metadata.finalizers);
  if (intent.type === 'unknown') {
    const remedy = 'say what becomes of its objects with --cascade foreground, background or orphan';
    throw new SlipwayError('ActionRefused', `application "${name}" has finalizer ${intent.finalizer}: ${remedy}`);
  }
  const { uid } = application.metadata;
  await session.client.delete(APPLICATION_RESOURCE, `${session.namespace}/${name}`, {
    ...(uid !== undefined && { uid }),
    signal: session.signal,
  });
  session.print(`application "${name}" ${outcome(application, intent)}`);
  noteOwner(session, application);
  if (flags.wait === true) await untilGone(session, application, flags.timeout);
}

/** The Application with the finalizer of the wanted policy and no other of ours. */
async function withPolicy(session: Session, name: string, policy: DeletionPolicy | undefined): Promise<Application> {
  for (let attempt = 1; ; attempt += 1) {
    const application = await readApplication(session, name);
    const { finalizers = [], resourceVersion, deletionTimestamp } = application.metadata;
    const intent = deletionIntent(finalizers);
    if (policy === undefined || (intent.type === 'policy' && intent.policy === policy)) return application;
    if (deletionTimestamp !== undefined) {
      const how = intent.type === 'policy' ? intent.policy : 'its objects stay';
      const text = `application "${name}" is being deleted already (${how})`;
      throw new SlipwayError('ActionRefused', `${text}: what becomes of its objects cannot be changed any more`);
    }
    const others = finalizers.filter((finalizer) => !isResourcesFinalizer(finalizer));
    const metadata = { resourceVersion, finalizers: [...others, `${RESOURCES_FINALIZER}/${policy}`] };
    const options = { fieldManager: 'kubectl-slipway', signal: session.signal };
    const key = `${session.namespace}/${name}`;
    try {
      const type = 'application/merge-patch+json';
      return (await session.client.patch(APPLICATION_RESOURCE, key, type, { metadata }, options)) as Application;
    } catch (error) {
      if (!isConflict(error) || attempt === ATTEMPTS) throw error;
    }
  }
}

/** What is true when the API server has taken the request. */
function outcome({ metadata, status }: Application, intent: DeletionIntent & { type: 'none' | 'policy' }): string {
  const objects = counted(status?.resources?.length ?? 0, 'object');
  if (intent.type === 'policy') {
    return intent.policy === 'orphan'
      ? `is being deleted; kept and released: ${objects}`
      : `is being deleted, with ${objects} (${intent.policy})`;
  }
  const gone = (metadata.finalizers ?? []).length === 0 ? 'deleted' : 'is being deleted';
  return `${gone}; kept as it is: ${objects} (--cascade foreground would delete that too)`;
}

async function untilGone(session: Session, { metadata }: Application, timeoutMs: number): Promise<void> {
  const { name, uid } = metadata;
  let seen = `${name}: being deleted`;
  const look = async (): Promise<boolean> => {
    const application = await readApplication(session, name).catch((error: unknown) => {
      if (error instanceof SlipwayError && error.code === 'ApplicationNotFound') return undefined;
      throw error;
    });
    // One of the same name may have been made meanwhile.
    if (application === undefined || application.metadata.uid !== uid) return true;
    const message = findCondition(application.status?.conditions, DELETING_CONDITION)?.message;
    if (message !== undefined) seen = `${name}: ${message}`;
    session.progress(seen);
    return false;
  };
  if (!(await look())) {
    const onTimeout = (): SlipwayError => new SlipwayError('WaitTimeout', `not within ${timeoutMs / 1000} s: ${seen}`);
    await waitUntil(session, { resources: [APPLICATION_RESOURCE], name, look, timeoutMs, onTimeout });
  }
  session.print(`application "${name}" is gone`);
}
