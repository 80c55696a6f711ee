import {
  APPLICATION_RESOURCE,
  type Application,
  type ApplicationOperation,
  type ApplicationOperationSyncResource,
} from '../../api/generated/application.ts';
import { isConflict } from '../../kube/errors.ts';
import { SlipwayError } from '../../platform/errors.ts';
import { operationStanding } from '../operation.ts';
import { readApplication } from '../read-application.ts';
import type { Session } from '../session.ts';
import { waitUntil } from '../wait-until.ts';
import { whoAmI } from '../who-am-i.ts';
import { appWait } from './app-wait.ts';

/** How long the command stays. */
export interface FollowFlags {
  /** Also until the Application is healthy. */
  wait?: boolean;
  /** Only asks. */
  async?: boolean;
  /** Milliseconds for all of it; 0 waits for ever. */
  timeout: number;
}

export interface SyncFlags extends FollowFlags {
  revision?: string;
  prune?: boolean;
  resource?: ApplicationOperationSyncResource[];
}

export interface RollbackFlags extends FollowFlags {
  prune?: boolean;
}

/** Attempts before a conflict is shown; each works on what was read anew. */
const ATTEMPTS = 5;

/** `app sync NAME`: asks for a sync, whatever syncs by itself, and says how it ends. */
export async function appSync(session: Session, name: string, flags: SyncFlags): Promise<void> {
  const { revision, prune, resource } = flags;
  const sync = {
    ...(revision !== undefined && { revision }),
    ...(prune !== undefined && { prune }),
    ...(resource !== undefined && { resources: resource }),
  };
  const asked = await ask(session, name, () => ({ sync }));
  await follow(session, name, asked, flags);
}

/** `app rollback NAME [ID]`: goes back to an entry of the history, the one before the last without an id. */
export async function appRollback(
  session: Session,
  name: string,
  id: number | undefined,
  flags: RollbackFlags,
): Promise<void> {
  const { prune } = flags;
  const asked = await ask(session, name, (application) => ({
    rollback: { id: entryFor(application, id), ...(prune !== undefined && { prune }) },
  }));
  session.note(
    `it is suspended with this: "kubectl slipway app resume ${name}" brings it to the newest revision again`,
  );
  await follow(session, name, asked, flags);
}

/** The id to go back to; SlipwayError `ActionRefused` names those that there are. */
export function entryFor({ metadata, status }: Application, wanted: number | undefined): number {
  const ids = (status?.history ?? []).map(({ id }) => id);
  const found = wanted === undefined ? ids.at(-2) : ids.find((id) => id === wanted);
  if (found !== undefined) return found;
  const which = wanted === undefined ? 'nothing earlier to go back to' : `no sync with id ${wanted} to go back to`;
  const known = ids.length === 0 ? 'its history is empty' : `it has ${ids.join(', ')}`;
  throw new SlipwayError('ActionRefused', `application "${metadata.name}" has ${which}; ${known}`);
}

/** Puts the request into the Application, unless there is one; the precondition is on what was read. */
async function ask(
  session: Session,
  name: string,
  wanted: (application: Application) => Omit<ApplicationOperation, 'initiatedBy'>,
): Promise<ApplicationOperation> {
  const username = await whoAmI(session);
  for (let attempt = 1; ; attempt += 1) {
    const application = await readApplication(session, name);
    refuseHopeless(application);
    const operation = { ...(username !== undefined && { initiatedBy: { username } }), ...wanted(application) };
    const { resourceVersion } = application.metadata;
    const body = { metadata: { resourceVersion }, operation };
    const options = { fieldManager: 'kubectl-slipway', signal: session.signal };
    const key = `${session.namespace}/${name}`;
    try {
      await session.client.patch(APPLICATION_RESOURCE, key, 'application/merge-patch+json', body, options);
      return operation;
    } catch (error) {
      if (!isConflict(error) || attempt === ATTEMPTS) throw error;
    }
  }
}

function refuseHopeless({ metadata, operation }: Application): void {
  if (metadata.deletionTimestamp !== undefined) {
    throw new SlipwayError('ActionRefused', `application "${metadata.name}" is being deleted`);
  }
  if (operation !== undefined) {
    const text = `application "${metadata.name}" has been asked for a sync that has not begun: is the controller running?`;
    const patch = `-p '[{"op":"remove","path":"/operation"}]'`;
    const remedy = `kubectl patch application ${metadata.name} --type json ${patch}`;
    throw new SlipwayError('ActionRefused', `${text} To take the request back: ${remedy}`);
  }
}

/** SlipwayError `SyncFailed`, `WaitTimeout`, or `WaitInVain` where its end cannot be seen any more. */
async function follow(
  session: Session,
  name: string,
  asked: ApplicationOperation,
  { async: onlyAsk, wait, timeout }: FollowFlags,
): Promise<void> {
  if (onlyAsk === true) {
    session.print(`application "${name}" asked to sync`);
    return;
  }
  const began = session.clock.monotonic();
  let said = '';
  const look = async (): Promise<boolean> => {
    const standing = operationStanding(await readApplication(session, name), asked);
    switch (standing.type) {
      case 'coming':
        session.progress(standing.said);
        said = standing.said;
        return false;
      case 'done':
        said = standing.said;
        return true;
      case 'failed':
        throw new SlipwayError('SyncFailed', standing.why);
      case 'replaced':
        throw new SlipwayError('WaitInVain', standing.why);
    }
  };
  const onTimeout = (): SlipwayError => new SlipwayError('WaitTimeout', `not within ${timeout / 1000} s: ${said}`);
  await waitUntil(session, { resources: [APPLICATION_RESOURCE], name, look, timeoutMs: timeout, onTimeout });
  session.print(said);
  if (wait !== true) return;
  const left = timeout === 0 ? 0 : Math.max(1, timeout - (session.clock.monotonic() - began));
  await appWait(session, name, { sync: false, health: true }, left);
}
