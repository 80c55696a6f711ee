import { findCondition } from '../../api/conditions.ts';
import { APPLICATION_RESOURCE, type Application } from '../../api/generated/application.ts';
import { specProblem } from '../../api/stored-object.ts';
import { SlipwayError } from '../../platform/errors.ts';
import { automationOf } from '../../sync/automation.ts';
import { isGivenUp } from '../../sync/retry.ts';
import { heldFor } from '../known-automation.ts';
import { readApplication } from '../read-application.ts';
import type { Session } from '../session.ts';
import { waitUntil } from '../wait-until.ts';

export interface WaitFor {
  sync: boolean;
  health: boolean;
}

/** Where a wait stands: over, still worth it, or never to be answered. Both texts are one line. */
export type Standing =
  | { type: 'there'; said: string }
  | { type: 'coming'; said: string }
  | { type: 'hopeless'; why: string };

/**
 * Decides from one look at the Application. What its status says counts only for the generation that it speaks of. A sync
 * that failed and a health that is Degraded may still pass, since both are tried and looked at again, and what holds an
 * Application may end; a sync that nobody will start does not come.
 */
export function standing(application: Application, { sync, health }: WaitFor): Standing {
  const { metadata, status } = application;
  const name = metadata.name;
  const problem = specProblem(application);
  if (problem !== undefined) return { type: 'hopeless', why: `application "${name}" cannot be synced: ${problem}` };
  if (metadata.deletionTimestamp !== undefined)
    return { type: 'hopeless', why: `application "${name}" is being deleted` };
  const current = (type: string): { status: string; message: string } | undefined => {
    const condition = findCondition(status?.conditions, type);
    return condition?.observedGeneration === metadata.generation ? condition : undefined;
  };
  const synced = current('Synced');
  const healthy = current('Healthy');
  if ((sync && synced === undefined) || (health && healthy === undefined))
    return { type: 'coming', said: `${name}: waiting for the controller to look at the spec` };
  if (sync && synced !== undefined && synced.status !== 'True') {
    const held = heldFor(application);
    const said = held === undefined ? synced.message : `held (${held}); ${synced.message}`;
    return hopeless(application, synced) ?? { type: 'coming', said: `${name}: ${said}` };
  }
  if (health && healthy?.status !== 'True') {
    return { type: 'coming', said: `${name}: ${status?.health?.status ?? 'Unknown'}: ${healthy?.message}` };
  }
  const parts = [sync ? `synced to ${status?.sync?.shortRevision ?? '?'}` : '', health ? 'healthy' : ''];
  return { type: 'there', said: `application "${name}" is ${parts.filter((part) => part !== '').join(' and ')}` };
}

/** What differs stays different when nobody syncs: neither the controller by itself nor a sync under way. */
function hopeless(application: Application, synced: { status: string; message: string }): Standing | undefined {
  const { name } = application.metadata;
  if (synced.status !== 'False' || application.status?.operationState?.phase === 'Running') return undefined;
  if (isGivenUp(application)) {
    const why = `the sync of application "${name}" failed and is not tried again: ${synced.message}`;
    return { type: 'hopeless', why: `${why}: correct that in Git` };
  }
  const { state, message } = automationOf(application);
  switch (state) {
    case 'Active':
      return undefined;
    case 'Suspended':
      return { type: 'hopeless', why: `application "${name}" is out of sync and suspended (${message}): resume it` };
    case 'Manual':
      return { type: 'hopeless', why: `application "${name}" is out of sync and not synced by itself: ${message}` };
  }
}

/**
 * `app wait NAME`: returns when what is waited for has come. SlipwayError `WaitTimeout`, or `WaitInVain` when it cannot come.
 *
 * @param timeoutMs 0 waits for ever
 */
export async function appWait(session: Session, name: string, what: WaitFor, timeoutMs: number): Promise<void> {
  let seen: Standing = { type: 'coming', said: `${name}: not seen yet` };
  let existed = false;
  const look = async (): Promise<boolean> => {
    try {
      seen = standing(await readApplication(session, name), what);
      existed = true;
    } catch (error) {
      // One that was never there is a mistake of the caller; one that went is an answer.
      if (!existed || !(error instanceof SlipwayError) || error.code !== 'ApplicationNotFound') throw error;
      seen = { type: 'hopeless', why: `application "${name}" has been deleted` };
    }
    if (seen.type === 'hopeless') throw new SlipwayError('WaitInVain', seen.why);
    if (seen.type === 'coming') session.progress(seen.said);
    return seen.type === 'there';
  };
  const said = (): string => (seen.type === 'hopeless' ? seen.why : seen.said);
  if (!(await look())) {
    const onTimeout = (): SlipwayError =>
      new SlipwayError('WaitTimeout', `not within ${timeoutMs / 1000} s: ${said()}`);
    await waitUntil(session, { resources: [APPLICATION_RESOURCE], name, look, timeoutMs, onTimeout });
  }
  session.print(said());
}
