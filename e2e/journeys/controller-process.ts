import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { repositoryRoot } from '../cluster/folders.ts';
import { isHealthy } from '../cluster/http.ts';
import { writeSecretFile } from '../cluster/kubeconfig.ts';
import { ensureProcess, type ProcessRecord, type ProcessSpec, stopProcess } from '../cluster/managed-process.ts';
import type { Kubectl } from './kubectl.ts';

const ACCOUNT = { name: 'slipway-controller', namespace: 'slipway-system' };
const TOKEN_LIFETIME = '24h';

/** User name by which the API server knows the controller, for the audit log. */
export const CONTROLLER_USER = `system:serviceaccount:${ACCOUNT.namespace}:${ACCOUNT.name}`;

/** Where things are that the controller needs. */
export interface ControllerOptions {
  readonly kubectl: Kubectl;
  /** An administrator's kubeconfig, for the server's address. */
  readonly adminKubeconfig: string;
  /** Folder for its files; its process is recorded here. */
  readonly stateDir: string;
  readonly webhookPort: number;
  readonly probePort: number;
}

/** The controller as it ships (the bundle), outside the cluster, with the rights that we ship and no others. */
export class ControllerProcess {
  /** Where forges send pushes to. */
  readonly webhookUrl: string;
  /** Shared with the forge; made anew for each demo. */
  readonly webhookSecret = randomBytes(24).toString('hex');
  readonly #options: ControllerOptions;
  #record: ProcessRecord | undefined;

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.webhookUrl = `http://127.0.0.1:${options.webhookPort}/webhook`;
  }

  /** Installs the CRDs, the ServiceAccount and its roles, and starts the controller. Resolves when it is ready. */
  async install(): Promise<void> {
    const { kubectl, stateDir } = this.#options;
    const root = repositoryRoot();
    const apply = ['apply', '--server-side', '--force-conflicts', '--field-manager=demo'];
    await kubectl.run(...apply, '-f', join(root, 'crds'), '-f', join(root, 'deploy', 'controller.yaml'));
    await kubectl.run('wait', '--for=condition=Established', '--timeout=60s', '-f', join(root, 'crds'));
    const { name, namespace } = ACCOUNT;
    const token = await kubectl.run('create', 'token', name, '-n', namespace, `--duration=${TOKEN_LIFETIME}`);
    mkdirSync(join(stateDir, 'controller'), { recursive: true });
    writeSecretFile(this.#file('kubeconfig'), withToken(this.#options.adminKubeconfig, token.trim()));
    writeSecretFile(this.#file('webhook-secret'), `${this.webhookSecret}\n`);
    await this.start();
  }

  /** Starts it, again after {@link kill}. */
  async start(): Promise<void> {
    this.#record = await ensureProcess(this.#options.stateDir, this.#spec());
  }

  /** Ends it without warning. */
  async kill(): Promise<void> {
    if (this.#record !== undefined) await stopProcess(this.#record, 'SIGKILL');
  }

  /** Process id, for its memory and processor time. */
  get pid(): number {
    if (this.#record === undefined) throw new Error('the controller was not started');
    return this.#record.pid;
  }

  get logFile(): string {
    return join(this.#options.stateDir, 'logs', 'slipway-controller.log');
  }

  /** The last lines of its log. */
  logTail(lines = 25): string[] {
    try {
      return readFileSync(this.logFile, 'utf8').trimEnd().split('\n').slice(-lines);
    } catch {
      return ['(it has no log: it was not started)'];
    }
  }

  #spec(): ProcessSpec {
    const { webhookPort, probePort } = this.#options;
    const probes = `127.0.0.1:${probePort}`;
    const flags = {
      kubeconfig: this.#file('kubeconfig'),
      'lease-namespace': ACCOUNT.namespace,
      'probe-listen': probes,
      'webhook-listen': `127.0.0.1:${webhookPort}`,
      'webhook-secret-file': this.#file('webhook-secret'),
      'git-cache-dir': this.#file('git'),
    };
    return {
      name: 'slipway-controller',
      command: process.execPath,
      args: [
        join(repositoryRoot(), 'dist', 'slipway.js'),
        ...Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`),
      ],
      url: `http://${probes}`,
      isReady: () => isHealthy(`http://${probes}/readyz`),
    };
  }

  #file(name: string): string {
    return join(this.#options.stateDir, 'controller', name);
  }
}

/** The same cluster as in a kubeconfig, as the bearer of a token and nobody else. */
export function withToken(kubeconfigPath: string, token: string): string {
  const file = parse(readFileSync(kubeconfigPath, 'utf8')) as {
    'current-context': string;
    contexts: { name: string; context: { cluster: string } }[];
    clusters: { name: string; cluster: object }[];
  };
  const context = file.contexts.find(({ name }) => name === file['current-context'])?.context;
  const cluster = file.clusters.find(({ name }) => name === context?.cluster);
  if (cluster === undefined) throw new Error(`${kubeconfigPath} has no cluster for its current context`);
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [cluster],
    users: [{ name: ACCOUNT.name, user: { token } }],
    contexts: [{ name: 'demo', context: { cluster: cluster.name, user: ACCOUNT.name } }],
    'current-context': 'demo',
  });
}
