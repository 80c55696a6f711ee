import { ClusterError } from '../cluster/errors.ts';
import { http } from '../cluster/http.ts';

/** A state of an alias and when it was first seen, in milliseconds of `performance.now()`. */
export interface AliasMove {
  readonly at: number;
  readonly version: string | undefined;
}

/** Looks at MLflow the way an auditor would: by its REST API, apart from the controller's own client. */
export class RegistryView {
  readonly #url: string;
  readonly #model: string;

  constructor(url: string, model: string) {
    this.#url = url;
    this.#model = model;
  }

  /** The version that an alias points to; undefined when it does not exist. */
  async alias(alias: string): Promise<string | undefined> {
    const query = new URLSearchParams({ name: this.#model, alias });
    const answer = await http(`${this.#url}/api/2.0/mlflow/registered-models/alias?${query}`);
    // MLflow answers 400 for an alias that does not exist.
    if (answer.status === 400 || answer.status === 404) return undefined;
    return parse<{ model_version: { version: string } }>(answer).model_version.version;
  }

  /** The tags of a version that say what this Rollout thinks of it, by the last part of their keys: phase, reason. */
  async verdict(version: string, rollout: { namespace: string; name: string }): Promise<Record<string, string>> {
    const query = new URLSearchParams({ name: this.#model, version });
    const answer = await http(`${this.#url}/api/2.0/mlflow/model-versions/get?${query}`);
    const found = parse<{ model_version: { tags?: { key: string; value: string }[] } }>(answer).model_version;
    const prefix = `slipway.dev/${rollout.namespace}.${rollout.name}.`;
    const own = (found.tags ?? []).filter(({ key }) => key.startsWith(prefix));
    return Object.fromEntries(own.map(({ key, value }) => [key.slice(prefix.length), value]));
  }

  /** Follows an alias by asking again and again; the returned function ends that. */
  followAlias(alias: string, moves: AliasMove[], everyMs = 250): () => Promise<void> {
    let stopped = false;
    const follow = async (): Promise<void> => {
      while (!stopped) {
        const version = await this.alias(alias).catch(() => moves.at(-1)?.version);
        if (moves.length === 0 || moves.at(-1)?.version !== version) moves.push({ at: performance.now(), version });
        await new Promise((resolve) => setTimeout(resolve, everyMs));
      }
    };
    const done = follow();
    return () => {
      stopped = true;
      return done;
    };
  }
}

function parse<T>(answer: { status: number; body: Buffer }): T {
  const text = answer.body.toString();
  if (answer.status !== 200) throw new ClusterError(`MLflow answered ${answer.status}: ${text.slice(0, 300)}`);
  return JSON.parse(text) as T;
}
