import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../cluster/run.ts';
import type { Forge, MergedPullRequest } from './forge.ts';

/** A working copy of the repository with the manifests: what a developer does by hand, with real git. */
export class Repository {
  readonly name: string;
  readonly #dir: string;
  readonly #forge: Forge;

  /** @param dir folder of the working copy; emptied by {@link seed} */
  constructor(forge: Forge, name: string, dir: string) {
    this.#forge = forge;
    this.name = name;
    this.#dir = dir;
  }

  /** Makes the repository on the forge and pushes the files as its first commit. Paths are relative to its root. */
  async seed(files: Readonly<Record<string, string>>): Promise<void> {
    await this.#forge.createRepository(this.name);
    rmSync(this.#dir, { recursive: true, force: true });
    mkdirSync(this.#dir, { recursive: true });
    await this.#git('init', '--quiet', '--initial-branch=main');
    await this.#git('remote', 'add', 'origin', this.#forge.cloneUrl(this.name));
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(join(this.#dir, path, '..'), { recursive: true });
      writeFileSync(join(this.#dir, path), content);
    }
    await this.#git('add', '.');
    await this.#git('commit', '--quiet', '-m', 'Serve fraud 1');
    await this.#git('push', '--quiet', '--force', 'origin', 'main');
  }

  /** Changes spec.model.version on a branch, opens a pull request and merges it. */
  async bump(from: string, to: string): Promise<MergedPullRequest> {
    const branch = await this.#branch(`fraud-${to}`);
    const path = join(this.#dir, 'fraud', 'rollout.yaml');
    const before = readFileSync(path, 'utf8');
    const after = before.replace(`version: "${from}"`, `version: "${to}"`);
    if (after === before) throw new Error(`${path} does not say version: "${from}"`);
    writeFileSync(path, after);
    const title = `Serve fraud ${to}`;
    await this.#git('commit', '--quiet', '--all', '-m', title);
    return this.#merge(branch, title);
  }

  /** Reverts a merged pull request by `git revert`, again through a pull request. */
  async revert(merged: MergedPullRequest): Promise<MergedPullRequest> {
    const branch = await this.#branch(`revert-${merged.number}`);
    await this.#git('revert', '--no-edit', '--mainline', '1', merged.mergeCommit);
    return this.#merge(branch, `Revert "${merged.title}"`);
  }

  /** The commit at the tip of main on the forge. */
  async head(): Promise<string> {
    const [line = ''] = (await this.#git('ls-remote', 'origin', 'refs/heads/main')).split('\t');
    return line;
  }

  async #branch(name: string): Promise<string> {
    await this.#git('fetch', '--quiet', 'origin', 'main');
    await this.#git('checkout', '--quiet', '-B', name, 'origin/main');
    return name;
  }

  async #merge(branch: string, title: string): Promise<MergedPullRequest> {
    await this.#git('push', '--quiet', '--force', 'origin', branch);
    return this.#forge.openAndMerge(this.name, branch, title);
  }

  #git(...args: string[]): Promise<string> {
    const who = { NAME: 'Demo', EMAIL: 'demo@example.invalid' };
    return run('git', args, {
      cwd: this.#dir,
      env: {
        ...process.env,
        GIT_AUTHOR_NAME: who.NAME,
        GIT_AUTHOR_EMAIL: who.EMAIL,
        GIT_COMMITTER_NAME: who.NAME,
        GIT_COMMITTER_EMAIL: who.EMAIL,
        // Nothing of the developer's own configuration, and the password neither in a URL nor on a command line.
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_TERMINAL_PROMPT: '0',
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: `http.${this.#forge.account.url}/.extraHeader`,
        GIT_CONFIG_VALUE_0: `Authorization: ${this.#forge.authorization}`,
      },
    });
  }
}

/** Reads the manifests of a folder and puts values in place of `${NAME}`; a name without a value is an error. */
export function readTemplates(folder: string, values: Readonly<Record<string, string>>): Record<string, string> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
  return Object.fromEntries(files.map((file) => [file, fill(readFileSync(join(folder, file), 'utf8'), values)]));
}

/** Puts values in place of `${NAME}` in a text. */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{([A-Z_]+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`no value for \${${name}}`);
    return value;
  });
}
