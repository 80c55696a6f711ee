import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../platform/clock.ts';
import { messageOf } from '../platform/errors.ts';
import { GitEngine } from './engine.ts';
import { GitError, type GitErrorData, scrub } from './errors.ts';
import { secretsOf } from './repo-address.ts';
import type { GitCall, GitWorkerData, HostMessage, WorkerMessage } from './worker-protocol.ts';

/**
 * Git runs in a thread of its own, since inflating a pack blocks for up to seconds and the main thread has a Lease to renew.
 * This file only moves messages.
 */
const port = parentPort;
if (port === null) throw new Error('git-worker is started by the controller, not by hand');

const engine = new GitEngine({ ...(workerData as GitWorkerData), clock: systemClock });
const send = (message: WorkerMessage): void => port.postMessage(message);

port.on('message', (message: HostMessage) => {
  if (message.type === 'ping') send({ type: 'pong' });
  else void answer(message.id, message.call);
});

async function answer(id: number, call: GitCall): Promise<void> {
  try {
    send({ type: 'result', id, value: await engine.run(call) });
  } catch (error) {
    send({ type: 'error', id, error: errorData(error, call) });
  }
}

function errorData(error: unknown, call: GitCall): GitErrorData {
  const code = error instanceof GitError ? error.code : 'GitWorkerFailed';
  return { code, message: scrub(messageOf(error), secretsOf(call.repo)) };
}
