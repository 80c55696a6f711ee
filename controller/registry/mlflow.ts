import { z } from 'zod';
import { RegistryError, type RegistryErrorCode } from './errors.ts';
import { type MlflowAnswer, type MlflowFields, MlflowHttp, type MlflowHttpOptions } from './mlflow-http.ts';
import type { ModelRegistryClient, ModelVersion } from './port.ts';

const versionAnswer = z.object({
  model_version: z.object({
    name: z.string(),
    version: z.string(),
    creation_timestamp: z.union([z.number(), z.string()]).optional(),
    source: z.string().optional(),
    run_id: z.string().optional(),
    status: z.string().optional(),
    status_message: z.string().optional(),
    tags: z.array(z.object({ key: z.string(), value: z.string().optional() })).optional(),
    aliases: z.array(z.string()).optional(),
  }),
});
const uriAnswer = z.object({ artifact_uri: z.string() });
const loggedModelAnswer = z.object({ model: z.object({ info: z.object({ status: z.unknown().optional() }) }) });

type Found = z.infer<typeof versionAnswer>['model_version'];

/** MLflow's REST API. Tested against a real server; facts about its answers are from there. */
export class MlflowRegistry implements ModelRegistryClient {
  readonly #http: MlflowHttp;

  constructor(options: MlflowHttpOptions) {
    this.#http = new MlflowHttp(options);
  }

  async health(signal?: AbortSignal): Promise<{ serverVersion?: string }> {
    // /health and /version answer without credentials, so they say nothing about ours.
    const answer = await this.#http.call('GET', 'registered-models/search', { max_results: '1' }, signal);
    if (!answer.ok) throw this.#refused('list models', answer);
    const version = (await this.#http.text('/version', signal))?.trim();
    return version !== undefined && /^\d[\w.+-]{0,63}$/.test(version) ? { serverVersion: version } : {};
  }

  async getVersion(name: string, version: string, signal?: AbortSignal): Promise<ModelVersion> {
    const answer = await this.#http.call('GET', 'model-versions/get', { name, version }, signal);
    if (!answer.ok) throw await this.#versionError(answer, name, version, signal);
    const found = this.#parse(versionAnswer, answer.json).model_version;
    this.#requireUsable(found, name, version);
    await this.#requireContent(found, signal);
    const uri = await this.#http.call('GET', 'model-versions/get-download-uri', { name, version }, signal);
    if (!uri.ok) throw await this.#versionError(uri, name, version, signal);
    const createdAt = Number(found.creation_timestamp ?? Number.NaN);
    return {
      name: found.name,
      version: found.version,
      uri: this.#parse(uriAnswer, uri.json).artifact_uri,
      ...(found.source === undefined || found.source === '' ? {} : { source: found.source }),
      ...(found.run_id === undefined || found.run_id === '' ? {} : { runId: found.run_id }),
      ...(Number.isFinite(createdAt) ? { createdAt: new Date(createdAt).toISOString() } : {}),
      tags: Object.fromEntries((found.tags ?? []).map((tag) => [tag.key, tag.value ?? ''])),
      aliases: found.aliases ?? [],
    };
  }

  async setAlias(name: string, alias: string, version: string, signal?: AbortSignal): Promise<void> {
    await this.#write('POST', 'registered-models/alias', { name, alias, version }, `set alias ${alias}`, signal);
  }

  async deleteAlias(name: string, alias: string, version: string, signal?: AbortSignal): Promise<void> {
    const answer = await this.#http.call('GET', 'registered-models/alias', { name, alias }, signal);
    if (!answer.ok) {
      // A missing alias is 400 INVALID_PARAMETER_VALUE, or 404 when an older server left it dangling or the model is gone.
      if (answer.status === 400 || answer.status === 404) return;
      throw this.#refused(`read alias ${alias}`, answer);
    }
    if (this.#parse(versionAnswer, answer.json).model_version.version !== version) return;
    const deleted = await this.#http.call('DELETE', 'registered-models/alias', { name, alias }, signal);
    if (!deleted.ok && deleted.status !== 404) throw this.#refused(`remove alias ${alias}`, deleted);
  }

  async setTag(name: string, version: string, key: string, value: string, signal?: AbortSignal): Promise<void> {
    await this.#write('POST', 'model-versions/set-tag', { name, version, key, value }, `set tag ${key}`, signal);
  }

  async #write(
    method: 'POST',
    path: string,
    fields: MlflowFields & { name: string; version: string },
    what: string,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const answer = await this.#http.call(method, path, fields, signal);
    if (answer.ok) return;
    if (answer.status === 404) throw await this.#versionError(answer, fields.name, fields.version, signal);
    throw this.#refused(`${what} on ${fields.name}/${fields.version}`, answer);
  }

  /** MLflow answers a request for version "01" with version 1, and a database may ignore case in names. */
  #requireUsable(found: Found, name: string, version: string): void {
    if (found.version !== version || found.name !== name) {
      throw this.#error(
        'ModelVersionInvalid',
        `model ${name} version ${version} is called ${found.name} version ${found.version}; write it like that in spec.model`,
      );
    }
    if (found.status !== undefined && found.status !== 'READY') {
      const why = found.status_message === undefined || found.status_message === '' ? '' : `: ${found.status_message}`;
      throw this.#error(
        'ModelVersionNotReady',
        `model ${name} version ${version} is ${found.status}${why.slice(0, 300)}`,
      );
    }
  }

  /** A version stays READY when the logged model that holds its files is deleted. */
  async #requireContent(found: Found, signal: AbortSignal | undefined): Promise<void> {
    const id = /^models:\/(m-[0-9a-f]{32})$/.exec(found.source ?? '')?.[1];
    if (id === undefined) return;
    const what = `model ${found.name} version ${found.version}`;
    const answer = await this.#http.call('GET', `logged-models/${id}`, {}, signal);
    if (!answer.ok) {
      if (answer.status !== 404) throw this.#refused(`read logged model ${id}`, answer);
      throw this.#error('ModelContentMissing', `${what}: its logged model ${id} was deleted; register the model again`);
    }
    const { status } = this.#parse(loggedModelAnswer, answer.json).model.info;
    if (status === 'LOGGED_MODEL_PENDING' || status === 'LOGGED_MODEL_UPLOAD_FAILED') {
      throw this.#error('ModelVersionNotReady', `${what}: its logged model ${id} is ${status}`);
    }
  }

  async #versionError(
    answer: MlflowAnswer & { ok: false },
    name: string,
    version: string,
    signal: AbortSignal | undefined,
  ): Promise<RegistryError> {
    if (answer.status === 400) {
      return this.#error('ModelVersionInvalid', `model ${name} version ${version}: ${answer.message}`);
    }
    if (answer.status !== 404) return this.#refused(`read model ${name} version ${version}`, answer);
    const model = await this.#http.call('GET', 'registered-models/get', { name }, signal);
    return model.ok
      ? this.#error(
          'ModelVersionNotFound',
          `model ${name} has no version ${version}; register it or correct spec.model.version`,
        )
      : this.#error('ModelNotFound', `there is no model ${name}; register it or correct spec.model.name`);
  }

  #refused(what: string, answer: MlflowAnswer & { ok: false }): RegistryError {
    return this.#error('RegistryRefused', `cannot ${what}: ${answer.errorCode}: ${answer.message}`);
  }

  #error(code: RegistryErrorCode, message: string): RegistryError {
    return new RegistryError(code, `${this.#http.label}: ${message}`);
  }

  #parse<T>(schema: z.ZodType<T>, json: unknown): T {
    const parsed = schema.safeParse(json);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw this.#error(
      'RegistryBadAnswer',
      `the answer lacks what MLflow's has (${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'malformed'})`,
    );
  }
}
