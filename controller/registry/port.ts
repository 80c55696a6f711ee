/** A model version as a registry describes it. */
export interface ModelVersion {
  name: string;
  version: string;
  /** Where a server loads the artifacts from. */
  uri: string;
  /** The source that was recorded when the version was registered. */
  source?: string;
  runId?: string;
  /** RFC 3339 with milliseconds: with the source it tells a version from one that was registered anew under its number. */
  createdAt?: string;
  tags: Readonly<Record<string, string>>;
  aliases: readonly string[];
}

/**
 * What Slipway asks of a model registry. Every method throws RegistryError and nothing else; a request ends when the signal
 * aborts or after the timeout of the connection.
 */
export interface ModelRegistryClient {
  /** Asks whether the registry answers and accepts our credentials. */
  health(signal?: AbortSignal): Promise<{ serverVersion?: string }>;
  /** A version that can be served: it exists, is ready, and its content is there. Anything else is thrown. */
  getVersion(name: string, version: string, signal?: AbortSignal): Promise<ModelVersion>;
  /** Points the alias to the version, wherever it pointed before. */
  setAlias(name: string, alias: string, version: string, signal?: AbortSignal): Promise<void>;
  /**
   * Removes the alias if it points to `version`; an alias that somebody moved elsewhere is left alone. Between the look and
   * the removal somebody else may move it: no registry offers a conditional write.
   */
  deleteAlias(name: string, alias: string, version: string, signal?: AbortSignal): Promise<void>;
  setTag(name: string, version: string, key: string, value: string, signal?: AbortSignal): Promise<void>;
}
