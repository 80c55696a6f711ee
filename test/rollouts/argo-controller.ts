import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { inject } from 'vitest';
import { programPath } from '../../e2e/cluster/build.ts';
import { folders } from '../../e2e/cluster/folders.ts';

/** The controller of Argo Rollouts itself, for one namespace. */
export interface ArgoController {
  /** What it says to Prometheus. */
  metrics(): Promise<string>;
  /** Ends it at once, as the loss of its node would; resolves when it is gone. */
  stop(): Promise<void>;
}

/** Starts the real controller against the run's API server. It takes up what is there as soon as it can. */
export async function startArgoController(namespace: string): Promise<ArgoController> {
  const [metrics, health] = await Promise.all([freePort(), freePort()]);
  const args = [
    ...['--kubeconfig', inject('kubeconfig'), '--namespace', namespace, '--namespaced'],
    ...['--leader-elect=false', '--loglevel=warn', `--metricsPort=${metrics}`, `--healthzPort=${health}`],
  ];
  const child = spawn(programPath('rollouts-controller', folders()), args, { stdio: 'ignore' });
  const gone = once(child, 'exit');
  const early = await Promise.race([once(child, 'spawn'), gone]);
  if (early.length > 0) throw new Error(`the controller of Argo Rollouts did not start: ${early.join(' ')}`);
  return {
    metrics: async () => (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text(),
    async stop() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
