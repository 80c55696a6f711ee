import { ROLLOUT_RESOURCE, type Rollout } from '../../api/generated/rollout.ts';
import { isConflict } from '../../kube/errors.ts';
import type { Action } from '../../rollout/actions.ts';
import { readRollout } from '../read-rollout.ts';
import type { Session } from '../session.ts';

/** Attempts before a conflict is shown; each works on what was read anew. */
const ATTEMPTS = 5;

/**
 * Reads the Rollout, decides the action and sends its patches with a precondition on what was read: the controller
 * writes the same status, and a promotion that was meant for step 2 must not skip step 3.
 */
export async function act(session: Session, name: string, decide: (rollout: Rollout) => Action): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const rollout = await readRollout(session, name);
    const action = decide(rollout);
    try {
      await send(session, rollout, action);
      session.print(action.said);
      return;
    } catch (error) {
      if (!isConflict(error) || attempt === ATTEMPTS) throw error;
    }
  }
}

async function send(session: Session, rollout: Rollout, action: Action): Promise<void> {
  const key = `${session.namespace}/${rollout.metadata.name}`;
  let { resourceVersion } = rollout.metadata;
  if (action.status !== undefined) {
    const body = { metadata: { resourceVersion }, status: action.status };
    const options = { subresource: 'status', fieldManager: 'kubectl-slipway', signal: session.signal };
    const written = await session.client.patch(ROLLOUT_RESOURCE, key, 'application/merge-patch+json', body, options);
    resourceVersion = written.metadata.resourceVersion;
  }
  if (action.spec !== undefined) {
    const body = { metadata: { resourceVersion }, spec: action.spec };
    const options = { fieldManager: 'kubectl-slipway', signal: session.signal };
    await session.client.patch(ROLLOUT_RESOURCE, key, 'application/merge-patch+json', body, options);
  }
}
