import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownDefinitions } from '../cluster/custom-resources.ts';
import { writeConfiguration } from '../cluster/files.ts';
import { repositoryRoot } from '../cluster/folders.ts';
import { isHealthy } from '../cluster/http.ts';
import { applyCustomResourceDefinitions, kubeApi } from '../cluster/kube-api.ts';
import { ensureProcess, type ProcessSpec, stopProcess } from '../cluster/managed-process.ts';
import { type ProcessRecord, readRecord } from '../cluster/process-record.ts';
import { serviceAccountKubeconfig } from '../cluster/service-account.ts';
import { choosePort } from '../cluster/services/service.ts';
import type { Kubectl } from './kubectl.ts';

const ACCOUNT = { name: 'slipway-controller', namespace: 'slipway-system' };
const PROCESS = 'slipway-controller';
const TOKEN_SECONDS = 24 * 3600;

/** User name by which the API server knows the controller, for the audit log. */
export const CONTROLLER_USER = `system:serviceaccount:${ACCOUNT.namespace}:${ACCOUNT.name}`;

/** Where things are that the controller needs. */
export interface ControllerOptions {
  readonly kubectl: Kubectl;
  /** Of an administrator, with all its material inside. */
  readonly kubeconfigPath: string;
  /** Folder for its files; its process is recorded here. */
  readonly stateDir: string;
  /** Further flags, without dashes. */
  readonly flags?: Readonly<Record<string, string>>;
  /** Options of Node.js, for example for a profile. */
  readonly nodeOptions?: readonly string[];
}

/** The controller as it ships (the bundle), outside the cluster, with the rights that we ship and no others. */
export class ControllerProcess {
  /** Where forges send pushes to. */
  readonly webhookUrl: string;
  /** Shared with the forge; made anew for each demo. */
  readonly webhookSecret = randomBytes(24).toString('hex');
  readonly #options: ControllerOptions;
  readonly #webhook: string;
  readonly #probes: string;
  #record: ProcessRecord | undefined;

  private constructor(options: ControllerOptions, webhookPort: number, probePort: number) {
    this.#options = options;
    this.#webhook = `127.0.0.1:${webhookPort}`;
    this.#probes = `127.0.0.1:${probePort}`;
    this.webhookUrl = `http://${this.#webhook}/webhook`;
  }

  /** Installs the CRDs, the ServiceAccount and its roles, and starts the controller. Resolves when it is ready. */
  static async install(options: ControllerOptions): Promise<ControllerProcess> {
    const webhookPort = await choosePort(options.stateDir, 'controller-webhook');
    const controller = new ControllerProcess(
      options,
      webhookPort,
      await choosePort(options.stateDir, 'controller-probes'),
    );
    await controller.#install();
    return controller;
  }

  /** Starts it, again after {@link kill}. */
  async start(): Promise<void> {
    this.#record = await ensureProcess(this.#options.stateDir, this.#spec());
  }

  /** Ends it without warning. */
  async kill(): Promise<void> {
    if (this.#record !== undefined) await stopProcess(this.#record, 'SIGKILL');
  }

  /** Ends it as Kubernetes does. */
  async stop(): Promise<void> {
    if (this.#record !== undefined) await stopProcess(this.#record);
  }

  get metricsUrl(): string {
    return `http://${this.#probes}/metrics`;
  }

  /** Process id, for its memory and processor time. */
  get pid(): number {
    if (this.#record === undefined) throw new Error('the controller was not started');
    return this.#record.pid;
  }

  get logFile(): string {
    return join(this.#options.stateDir, 'logs', `${PROCESS}.log`);
  }

  /** The last lines of its log. */
  logTail(lines = 25): string[] {
    try {
      return readFileSync(this.logFile, 'utf8').trimEnd().split('\n').slice(-lines);
    } catch {
      return ['(it has no log: it was not started)'];
    }
  }

  async #install(): Promise<void> {
    const { kubectl, kubeconfigPath, stateDir } = this.#options;
    await applyCustomResourceDefinitions(kubeApi(kubeconfigPath), ownDefinitions());
    const apply = ['apply', '--server-side', '--force-conflicts', '--field-manager=demo'];
    await kubectl.run(...apply, '-f', join(repositoryRoot(), 'deploy', 'controller.yaml'));
    mkdirSync(join(stateDir, 'controller'), { recursive: true, mode: 0o700 });
    const file = this.#file('kubeconfig');
    await serviceAccountKubeconfig({ kubeconfigPath, ...ACCOUNT, file, seconds: TOKEN_SECONDS });
    writeConfiguration(this.#file('webhook-secret'), `${this.webhookSecret}\n`);
    // One that an earlier run has left may be of an older build.
    const before = readRecord(stateDir, PROCESS);
    if (before !== undefined) await stopProcess(before);
    await this.start();
  }

  #spec(): ProcessSpec {
    const flags = {
      kubeconfig: this.#file('kubeconfig'),
      'lease-namespace': ACCOUNT.namespace,
      'probe-listen': this.#probes,
      'webhook-listen': this.#webhook,
      'webhook-secret-file': this.#file('webhook-secret'),
      'git-cache-dir': this.#file('git'),
      ...this.#options.flags,
    };
    return {
      name: PROCESS,
      command: process.execPath,
      args: [
        ...shippedNodeOptions(),
        ...(this.#options.nodeOptions ?? []),
        join(repositoryRoot(), 'dist', 'slipway.js'),
        ...Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`),
      ],
      url: `http://${this.#probes}`,
      isReady: () => isHealthy(`http://${this.#probes}/readyz`),
    };
  }

  #file(name: string): string {
    return join(this.#options.stateDir, 'controller', name);
  }
}

/** The options of Node.js that our image and our Deployment set: what is measured is what is run. */
function shippedNodeOptions(): string[] {
  const image = /^ENTRYPOINT \["node", (.*)"\/app/m.exec(shipped('Dockerfile'))?.[1];
  const deployment = /name: NODE_OPTIONS, value: (.+?) }/.exec(shipped(join('deploy', 'deployment.yaml')))?.[1];
  if (image === undefined || deployment === undefined) {
    throw new Error(
      'Dockerfile or deploy/deployment.yaml set the options of Node.js in another way: correct this or them',
    );
  }
  return [...image.matchAll(/"(.+?)"/g)].map(([, option = '']) => option).concat(deployment.split(' '));
}

function shipped(file: string): string {
  return readFileSync(join(repositoryRoot(), file), 'utf8');
}
