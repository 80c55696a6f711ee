import { RegistryError } from './errors.ts';
import type { ModelRegistryClient, ModelVersion } from './port.ts';

/**
 * Asks with the credentials that are known, and when the registry does not accept them, once more with those that the Secret
 * has now: credentials are rotated while we run.
 */
export class ReauthenticatingClient implements ModelRegistryClient {
  readonly #client: (fresh: boolean) => Promise<ModelRegistryClient>;

  /** @param client gives the client; with `fresh` after reading the Secret again, and the same one when nothing changed */
  constructor(client: (fresh: boolean) => Promise<ModelRegistryClient>) {
    this.#client = client;
  }

  health(signal?: AbortSignal): Promise<{ serverVersion?: string }> {
    return this.#ask((client) => client.health(signal));
  }

  getVersion(name: string, version: string, signal?: AbortSignal): Promise<ModelVersion> {
    return this.#ask((client) => client.getVersion(name, version, signal));
  }

  setAlias(name: string, alias: string, version: string, signal?: AbortSignal): Promise<void> {
    return this.#ask((client) => client.setAlias(name, alias, version, signal));
  }

  deleteAlias(name: string, alias: string, version: string, signal?: AbortSignal): Promise<void> {
    return this.#ask((client) => client.deleteAlias(name, alias, version, signal));
  }

  setTag(name: string, version: string, key: string, value: string, signal?: AbortSignal): Promise<void> {
    return this.#ask((client) => client.setTag(name, version, key, value, signal));
  }

  async #ask<T>(question: (client: ModelRegistryClient) => Promise<T>): Promise<T> {
    const client = await this.#client(false);
    try {
      return await question(client);
    } catch (error) {
      if (!(error instanceof RegistryError) || error.code !== 'RegistryUnauthorized') throw error;
      const renewed = await this.#client(true);
      if (renewed === client) throw error;
      return await question(renewed);
    }
  }
}
