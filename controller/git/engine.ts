import { createHmac, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Agent } from 'undici';
import type { Clock } from '../platform/clock.ts';
import { KeyedLimit } from '../platform/keyed-limit.ts';
import { GitError, scrub } from './errors.ts';
import type { Answer } from './gather.ts';
import { createGitHttp, type GitHttp } from './http-client.ts';
import type { GitLimits } from './limits.ts';
import { MemoryBudget } from './memory-budget.ts';
import { listPath, readFiles } from './path-content.ts';
import type { GitRepo, ResolvedRevision } from './port.ts';
import { resolveRemote } from './remote-refs.ts';
import { type RepoAddress, repoAddress, secretsOf } from './repo-address.ts';
import { type CommitView, type Connect, Repository, remoteError } from './repository.ts';
import type { CommitQuestion, GitCall, GitResults } from './worker-protocol.ts';

export interface GitEngineOptions {
  /** A directory that this engine alone uses. */
  directory: string;
  limits: GitLimits;
  clock: Clock;
}

/** A local copy that nobody asked for in this time is removed; the next question fetches it again. */
const IDLE_MS = 3 * 3_600_000;

/** Conversations with one server at the same time: after a start there may be a thousand repositories to fetch. */
const AT_ONCE = 16;

interface Entry {
  repository: Repository;
  usedAt: number;
}

/** The Git work itself, free of threads and messages: the worker feeds it one call at a time or many at once. */
export class GitEngine {
  readonly #options: GitEngineOptions;
  readonly #repositories = new Map<string, Entry>();
  /** Names of directories must not tell anything about credentials, hence a key that dies with the process. */
  readonly #key = randomBytes(32);
  readonly #limit = new KeyedLimit(AT_ONCE);
  readonly #memory: MemoryBudget;
  /** By CA bundle, so that all repositories of a host share connections. */
  readonly #agents = new Map<string, Agent>();

  constructor(options: GitEngineOptions) {
    this.#options = options;
    this.#memory = new MemoryBudget(options.limits.maxBytesInMemory);
  }

  async run<Call extends GitCall>(call: Call): Promise<GitResults[Call['op']]> {
    return (await this.#run(call)) as GitResults[Call['op']];
  }

  async #run(call: GitCall): Promise<GitResults[GitCall['op']]> {
    const address = repoAddress(call.repo);
    const entry = this.#entry(call.repo, address);
    const deadline = this.#deadline(address.name);
    const connect: Connect = (use) => {
      const talk = (): ReturnType<typeof use> =>
        use(
          createGitHttp({
            name: address.name,
            dispatcher: this.#agent(call.repo.ca ?? ''),
            limits: this.#options.limits,
            signal: deadline.signal(),
            ...(address.authorization === undefined ? {} : { authorization: address.authorization }),
          }),
        );
      // A repository whose tip is known is read to the end before the next one is begun.
      return this.#limit.run(new URL(address.url).host, talk, call.op === 'resolve' ? 'last' : 'first');
    };
    try {
      switch (call.op) {
        case 'resolve':
          return await connect((http) => resolve(entry.repository, http, address, call.revision));
        case 'list':
        case 'read':
          return await entry.repository.withCommit(call.commit, connect, (view) => this.#answer(view, address, call));
        case 'many':
          return await entry.repository.withCommit(call.commit, connect, (view) =>
            this.#answerAll(view, address, call),
          );
      }
    } finally {
      deadline.clear();
      entry.usedAt = this.#options.clock.monotonic();
      await this.#sweep();
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#agents.values()].map((agent) => agent.destroy()));
    await Promise.all([...this.#repositories.values()].map(({ repository }) => repository.remove()));
  }

  /** A mistake of one question is its answer; a damaged copy concerns all, so they are asked again of another one. */
  async #answerAll(
    view: CommitView,
    address: RepoAddress,
    { repo, commit, questions }: Extract<GitCall, { op: 'many' }>,
  ): Promise<Answer<unknown>[]> {
    const answers: Answer<unknown>[] = [];
    for (const question of questions) {
      try {
        answers.push({ value: await this.#answer(view, address, { commit, ...question }) });
      } catch (error) {
        if (!(error instanceof GitError)) throw error;
        answers.push({ error: { code: error.code, message: scrub(error.message, secretsOf(repo)) } });
      }
    }
    return answers;
  }

  async #answer(
    { root, objects }: CommitView,
    address: RepoAddress,
    question: CommitQuestion & { commit: string },
  ): Promise<GitResults['list' | 'read']> {
    const context = { objects, root, name: `${address.name} at ${question.commit.slice(0, 10)}` };
    switch (question.op) {
      case 'list':
        return await listPath(context, question, this.#options.limits);
      case 'read':
        return await readFiles(context, question, this.#options.limits);
    }
  }

  #entry(repo: GitRepo, address: RepoAddress): Entry {
    const identity = JSON.stringify([address.url, address.authorization ?? '', repo.ca ?? '']);
    const key = createHmac('sha256', this.#key).update(identity).digest('hex').slice(0, 32);
    let entry = this.#repositories.get(key);
    if (entry === undefined) {
      const { url, name } = address;
      const { directory, limits, clock } = this.#options;
      const options = { directory: join(directory, key), url, name, limits, memory: this.#memory, clock };
      entry = { repository: new Repository(options), usedAt: 0 };
      this.#repositories.set(key, entry);
    }
    entry.usedAt = this.#options.clock.monotonic();
    return entry;
  }

  #agent(ca: string): Agent {
    let agent = this.#agents.get(ca);
    if (agent === undefined) {
      agent = new Agent({ connect: { timeout: 10_000, ...(ca === '' ? {} : { ca }) }, keepAliveTimeout: 10_000 });
      this.#agents.set(ca, agent);
    }
    return agent;
  }

  /** The time limit of one operation; it runs from the first request, so that waiting for another fetch does not count. */
  #deadline(name: string): { signal: () => AbortSignal; clear: () => void } {
    const controller = new AbortController();
    const { timeoutMs } = this.#options.limits;
    let cancel: (() => void) | undefined;
    return {
      signal: () => {
        cancel ??= this.#options.clock.after(timeoutMs, () =>
          controller.abort(
            new GitError(
              'GitUnreachable',
              `${name} did not finish within ${timeoutMs / 1000} s: check the server and the network`,
            ),
          ),
        );
        return controller.signal;
      },
      clear: () => cancel?.(),
    };
  }

  async #sweep(): Promise<void> {
    const oldest = this.#options.clock.monotonic() - IDLE_MS;
    for (const [key, { repository, usedAt }] of this.#repositories) {
      if (usedAt > oldest || repository.busy) continue;
      this.#repositories.delete(key);
      await repository.remove();
    }
  }
}

async function resolve(
  repository: Repository,
  http: GitHttp,
  address: RepoAddress,
  revision: string,
): Promise<ResolvedRevision> {
  try {
    const found = await resolveRemote(http, address.url, address.name, revision);
    repository.noteResolved(found);
    return { commit: found.commit, ...(found.ref === undefined ? {} : { ref: found.ref }) };
  } catch (error) {
    throw remoteError(error, address.name, http);
  }
}
