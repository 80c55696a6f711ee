import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import git from 'isomorphic-git';
import { withHead } from './advertisement.ts';
import { createGitdirFs, type GitdirFs, type GitdirFsOptions } from './gitdir-fs.ts';
import type { GitHttp } from './http-client.ts';
import type { Objects, TreeEntry } from './tree.ts';

export interface LocalCopyOptions extends GitdirFsOptions {
  /**
   * A directory of its own, which nobody else touches: isomorphic-git locks only within the process. It is made for what
   * does not stay in memory.
   */
  directory: string;
}

export interface FetchOptions {
  http: GitHttp;
  url: string;
  /** The object to ask for. */
  want: string;
  /** Ask for every branch and tag as well. */
  all?: boolean;
  /** A commit that is already here, so that only the difference is sent. */
  have?: string;
  /** 1 for a fetch that starts afresh. On a repeated fetch a depth sends the whole tree again (ecosystem.md §2.2). */
  depth?: number;
}

/** A bare repository without working tree, as isomorphic-git keeps it. Callers take care that only one fetch runs. */
export class LocalCopy {
  readonly directory: string;
  readonly #fs: GitdirFs;
  /** Parsed pack indexes. Without it each read parses them again; it is dropped after each operation to bound memory. */
  #cache: object = {};

  private constructor(options: LocalCopyOptions) {
    this.directory = options.directory;
    this.#fs = createGitdirFs(options);
  }

  /** Creates an empty copy. */
  static async create(options: LocalCopyOptions): Promise<LocalCopy> {
    const copy = new LocalCopy(options);
    const base = { fs: copy.#fs as never, gitdir: options.directory };
    await git.init({ ...base, bare: true });
    // fetch() insists on a refspec; nothing is read from these refs.
    await git.setConfig({ ...base, path: 'remote.origin.fetch', value: '+refs/heads/*:refs/remotes/origin/*' });
    return copy;
  }

  async fetch(options: FetchOptions): Promise<void> {
    const all = options.all === true;
    await git.fetch({
      fs: this.#fs as never,
      gitdir: this.directory,
      cache: this.#cache,
      http: { request: (request) => requestWithHead(options.http, request) },
      url: options.url,
      remote: 'origin',
      // `ref` is what isomorphic-git offers to the server as already present; a commit id stands for itself.
      ref: options.have ?? 'none',
      remoteRef: options.want,
      singleBranch: !all,
      tags: all,
      ...(options.depth === undefined ? {} : { depth: options.depth }),
    });
  }

  /** Whether the commit is here, with its tree at the root readable. */
  async hasCommit(commit: string): Promise<boolean> {
    try {
      await this.rootTree(commit);
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  async rootTree(commit: string): Promise<string> {
    const { commit: data } = await git.readCommit({ ...this.#base(), oid: commit });
    return data.tree;
  }

  objects(): Objects {
    return {
      tree: async (oid) => {
        const { tree } = await git.readTree({ ...this.#base(), oid });
        return tree.map(
          (entry): TreeEntry => ({ name: entry.path, oid: entry.oid, kind: kindOf(entry.mode, entry.type) }),
        );
      },
      blob: async (oid) => (await git.readBlob({ ...this.#base(), oid })).blob,
    };
  }

  async packs(): Promise<number> {
    const names = await this.#fs.readdir(join(this.directory, 'objects/pack')).catch(() => []);
    return names.filter((name) => name.endsWith('.pack')).length;
  }

  /** Frees the memory of parsed packs. */
  forget(): void {
    this.#cache = {};
  }

  async remove(): Promise<void> {
    this.forget();
    this.#fs.clear();
    await rm(this.directory, { recursive: true, force: true });
  }

  #base(): { fs: never; gitdir: string; cache: object } {
    return { fs: this.#fs as never, gitdir: this.directory, cache: this.#cache };
  }
}

async function requestWithHead(
  http: GitHttp,
  request: Parameters<GitHttp['request']>[0],
): ReturnType<GitHttp['request']> {
  const response = await http.request(request);
  if (response.method !== 'GET' || response.body === undefined) return response;
  const parts: Uint8Array[] = [];
  for await (const part of response.body) parts.push(part);
  return { ...response, body: once(withHead(Buffer.concat(parts))) };
}

async function* once(bytes: Uint8Array): AsyncIterableIterator<Uint8Array> {
  yield bytes;
}

/** isomorphic-git's error for an object or ref that does not exist. */
export function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'NotFoundError';
}

function kindOf(mode: string, type: string): TreeEntry['kind'] {
  if (type === 'commit') return 'submodule';
  if (type === 'tree') return 'tree';
  return mode === '120000' ? 'link' : 'blob';
}
