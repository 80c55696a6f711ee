import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../cluster/folders.ts';
import { run } from '../cluster/run.ts';

/** kubectl as the on-call person has it: one kubeconfig, one namespace, our plugin on the PATH. */
export class Kubectl {
  readonly #program: string;
  readonly #kubeconfig: string;
  readonly #namespace: string;
  readonly #plugins: string;

  /** @param scratch folder in which a folder with the plugin is made */
  constructor(program: string, kubeconfig: string, namespace: string, scratch: string) {
    this.#program = program;
    this.#kubeconfig = kubeconfig;
    this.#namespace = namespace;
    this.#plugins = join(scratch, 'plugins');
    mkdirSync(this.#plugins, { recursive: true });
    const plugin = join(this.#plugins, 'kubectl-slipway');
    rmSync(plugin, { force: true });
    symlinkSync(join(repositoryRoot(), 'dist', 'kubectl-slipway.js'), plugin);
  }

  /** Runs `kubectl ARGS` and returns what it printed; fails with its last lines. */
  run(...args: string[]): Promise<string> {
    return run(this.#program, args, { env: this.#env });
  }

  /** Server-side apply of YAML into the namespace. */
  async apply(yaml: string): Promise<void> {
    const args = ['apply', '--server-side', '--force-conflicts', '--field-manager=demo', '-f', '-'];
    await run(this.#program, ['--namespace', this.#namespace, ...args], { env: this.#env, input: yaml });
  }

  /** Reads the objects in the demo's namespace, for example `get rollouts`. */
  inNamespace(...args: string[]): Promise<string> {
    return this.run(...args, '--namespace', this.#namespace);
  }

  /** Runs the plugin, as `kubectl slipway ARGS`. */
  slipway(...args: string[]): Promise<string> {
    return this.run('slipway', ...args, '--namespace', this.#namespace, '--no-color');
  }

  /** A command like the ones above, for people to copy. */
  get prefix(): string {
    return `KUBECONFIG=${this.#kubeconfig} PATH=${this.#plugins}:$PATH ${this.#program} -n ${this.#namespace}`;
  }

  get #env(): NodeJS.ProcessEnv {
    return { ...process.env, KUBECONFIG: this.#kubeconfig, PATH: `${this.#plugins}:${process.env['PATH'] ?? ''}` };
  }
}
