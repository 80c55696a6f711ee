import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { silentLogger } from '../platform/logger.ts';
import { ManualClock } from '../platform/manual-clock.ts';
import { DEFAULT_GIT_LIMITS } from './limits.ts';
import { WorkerHost } from './worker-host.ts';
import type { GitCall } from './worker-protocol.ts';

let directory: string;
let clock: ManualClock;
let host: WorkerHost;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'slipway-worker-'));
  clock = new ManualClock();
});

afterEach(async () => {
  await host.close();
  await rm(directory, { recursive: true, force: true });
});

/** A worker that answers each revision with itself, once its first life has ended in the given way. */
async function start(firstLife: string): Promise<void> {
  const script = join(directory, 'worker.mjs');
  await writeFile(
    script,
    `import { existsSync, writeFileSync } from 'node:fs';
     import { parentPort, workerData } from 'node:worker_threads';
     const marker = workerData.directory + '/lived';
     const first = !existsSync(marker);
     parentPort.on('message', (message) => {
       if (message.type === 'ping') return parentPort.postMessage({ type: 'pong' });
       if (!first) return parentPort.postMessage({ type: 'result', id: message.id, value: { commit: message.call.revision } });
       writeFileSync(marker, '');
       ${firstLife}
     });`,
  );
  host = new WorkerHost({
    data: { directory, limits: DEFAULT_GIT_LIMITS },
    clock,
    logger: silentLogger,
    maxHeapMb: 64,
    script,
  });
}

const ask = (revision: string): GitCall => ({ op: 'resolve', repo: { url: 'https://host/a' }, revision });

it.each([
  ['exits', 'process.exit(3);'],
  ['throws', 'throw new Error("boom");'],
  ['runs out of memory', 'const all = []; for (;;) all.push(new Array(1e6).fill({}).map(() => ({ a: {} })));'],
])('a worker that %s fails its calls as retryable and is replaced', async (_, firstLife) => {
  await start(firstLife);
  const lost = await Promise.allSettled([host.call(ask('a')), host.call(ask('b'))]);
  for (const result of lost) {
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'GitWorkerFailed', retryable: true } });
  }
  expect(await host.call(ask('c'))).toEqual({ commit: 'c' });
});

it('a worker that gives no sign of life is replaced', async () => {
  await start('for (;;);');
  const hanging = host.call(ask('a')).catch((error: Error) => error);
  // The marker says that the worker has entered its endless loop; there is no message to wait for.
  while (!existsSync(join(directory, 'lived'))) await new Promise((resolve) => setImmediate(resolve));
  clock.advance(80_000);
  expect(await hanging).toMatchObject({ code: 'GitWorkerFailed', message: expect.stringContaining('no sign of life') });
  expect(await host.call(ask('b'))).toEqual({ commit: 'b' });
});

it('refuses calls after it was closed', async () => {
  await start('process.exit(0);');
  await host.close();
  await expect(host.call(ask('a'))).rejects.toMatchObject({ code: 'GitWorkerFailed' });
});
