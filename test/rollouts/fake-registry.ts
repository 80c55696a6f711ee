import type { Registries } from '../../controller/reconcile/model-states.ts';
import { RegistryError } from '../../controller/registry/errors.ts';
import type { ModelRegistryClient, ModelVersion } from '../../controller/registry/port.ts';

/** A registry with one model `fraud`, in memory. */
export class FakeRegistry implements ModelRegistryClient, Registries {
  /** It answers nothing. */
  down = false;
  /** It answers questions and refuses to be told anything. */
  readOnly = false;
  readonly versions = new Map<string, 'READY' | 'PENDING'>();
  readonly aliases = new Map<string, string>();
  /** Tags by version and key. */
  readonly tags = new Map<string, Map<string, string>>();
  #waiting: (() => void)[] = [];

  connect = async (): Promise<ModelRegistryClient> => this;

  pollIntervalMs = (): number => 100;

  async health(): Promise<Record<string, never>> {
    return {};
  }

  async getVersion(name: string, version: string): Promise<ModelVersion> {
    this.#answer();
    const state = this.versions.get(version);
    if (state === undefined) throw new RegistryError('ModelVersionNotFound', `model ${name} has no version ${version}`);
    if (state !== 'READY')
      throw new RegistryError('ModelVersionNotReady', `model ${name} version ${version} is ${state}`);
    return { name, version, uri: `models:/${name}/${version}`, source: `s3://${version}`, tags: {}, aliases: [] };
  }

  async setAlias(_: string, alias: string, version: string): Promise<void> {
    this.#tell();
    this.aliases.set(alias, version);
    this.#changed();
  }

  async deleteAlias(_: string, alias: string, version: string): Promise<void> {
    this.#tell();
    if (this.aliases.get(alias) === version) this.aliases.delete(alias);
    this.#changed();
  }

  async setTag(_: string, version: string, key: string, value: string): Promise<void> {
    this.#tell();
    this.tags.set(version, new Map(this.tags.get(version)).set(key, value));
    this.#changed();
  }

  /** Resolves as soon as the condition holds; never when it does not, and then the test ends at its own limit. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }

  #answer(): void {
    if (this.down) throw new RegistryError('RegistryUnreachable', 'ModelRegistry/mlflow: connection refused');
  }

  #tell(): void {
    this.#answer();
    if (this.readOnly) throw new RegistryError('RegistryForbidden', 'ModelRegistry/mlflow: not allowed to write');
  }

  #changed(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
