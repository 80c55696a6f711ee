import { ClusterError } from '../cluster/errors.ts';
import { http } from '../cluster/http.ts';
import { until } from '../cluster/wait.ts';

/** Where a Gitea is and who we are there. */
export interface ForgeAccount {
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

/** A pull request that was merged. */
export interface MergedPullRequest {
  readonly number: number;
  readonly title: string;
  readonly mergeCommit: string;
  /** When the merge was asked for, in milliseconds of `performance.now()`: nothing can have followed from it before. */
  readonly askedAt: number;
  /** When the forge said that it was merged. */
  readonly mergedAt: number;
}

/** The few calls of Gitea's API that a release by pull request needs. */
export class Forge {
  readonly account: ForgeAccount;
  readonly #authorization: string;

  constructor(account: ForgeAccount) {
    this.account = account;
    this.#authorization = `Basic ${Buffer.from(`${account.user}:${account.password}`).toString('base64')}`;
  }

  /** The value of an Authorization header, for git itself. */
  get authorization(): string {
    return this.#authorization;
  }

  /** Address of a repository of this account, as people and controllers clone it. */
  cloneUrl(repository: string): string {
    return `${this.account.url}/${this.account.user}/${repository}.git`;
  }

  /** Makes a private, empty repository; keeps one that exists. */
  async createRepository(name: string): Promise<void> {
    const existing = await this.#call('GET', `repos/${this.account.user}/${name}`, undefined, [200, 404]);
    if (existing.status === 404) {
      await this.#call('POST', 'user/repos', { name, private: true, default_branch: 'main' }, [201]);
    }
  }

  /** Tells `url` of every push, signed with the secret; replaces the hooks that exist. */
  async setWebhook(repository: string, url: string, secret: string): Promise<void> {
    const hooks = `repos/${this.account.user}/${repository}/hooks`;
    const existing = await this.#call<{ id: number }[]>('GET', hooks, undefined, [200]);
    for (const { id } of existing.body) await this.#call('DELETE', `${hooks}/${id}`, undefined, [204]);
    const config = { url, content_type: 'json', secret };
    await this.#call('POST', hooks, { type: 'gitea', active: true, events: ['push'], config }, [201]);
  }

  /** Opens a pull request for a branch and merges it with a merge commit. */
  async openAndMerge(repository: string, branch: string, title: string): Promise<MergedPullRequest> {
    const pulls = `repos/${this.account.user}/${repository}/pulls`;
    const opened = await this.#call<{ number: number }>('POST', pulls, { head: branch, base: 'main', title }, [201]);
    const { number } = opened.body;
    // Right after it was opened the forge may not know yet whether it can be merged, and answers 405.
    let askedAt = 0;
    await until(
      async () => {
        askedAt = performance.now();
        return (await this.#call('POST', `${pulls}/${number}/merge`, { Do: 'merge' }, [200, 405])).status === 200;
      },
      { what: `pull request ${number} to be mergeable`, timeoutMs: 30_000 },
    );
    const mergedAt = performance.now();
    const { body } = await this.#call<{ merge_commit_sha: string }>('GET', `${pulls}/${number}`, undefined, [200]);
    return { number, title, mergeCommit: body.merge_commit_sha, askedAt, mergedAt };
  }

  async #call<T = unknown>(
    method: string,
    path: string,
    body: unknown,
    expected: readonly number[],
  ): Promise<{ status: number; body: T }> {
    const answer = await http(`${this.account.url}/api/v1/${path}`, {
      method,
      timeoutMs: 30_000,
      headers: { authorization: this.#authorization, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = answer.body.toString();
    if (!expected.includes(answer.status)) {
      throw new ClusterError(`Gitea answered ${answer.status} to ${method} ${path}: ${text.slice(0, 300)}`);
    }
    return { status: answer.status, body: (text === '' ? undefined : JSON.parse(text)) as T };
  }
}
