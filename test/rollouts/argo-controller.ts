import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { programPath } from '../../e2e/cluster/build.ts';
import { folders } from '../../e2e/cluster/folders.ts';

/** The controller of Argo Rollouts itself, for one namespace. */
export interface ArgoController {
  /** What it says to Prometheus. */
  metrics(): Promise<string>;
  /** Ends it at once, as the loss of its node would; resolves when it is gone. */
  stop(): Promise<void>;
}

/** Where it runs, and for whom. */
export interface ArgoControllerOptions {
  kubeconfigPath: string;
  /** Serves this namespace alone, without a Lease; with `elect` all of them, with its Lease in this one. */
  namespace: string;
  elect?: boolean;
}

/** Starts the real controller. It takes up what is there as soon as it can. */
export async function startArgoController({
  kubeconfigPath,
  namespace,
  elect = false,
}: ArgoControllerOptions): Promise<ArgoController> {
  const [metrics, health] = await Promise.all([freePort(), freePort()]);
  const args = [
    ...['--kubeconfig', kubeconfigPath, '--namespace', namespace, `--namespaced=${!elect}`],
    ...[`--leader-elect=${elect}`, '--loglevel=warn', `--metricsPort=${metrics}`, `--healthzPort=${health}`],
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
