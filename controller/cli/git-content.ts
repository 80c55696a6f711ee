import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Application } from '../api/generated/application.ts';
import { specProblem } from '../api/stored-object.ts';
import { GitEngine } from '../git/engine.ts';
import { scrub } from '../git/errors.ts';
import { DEFAULT_GIT_LIMITS } from '../git/limits.ts';
import type { GitRepo } from '../git/port.ts';
import { secretsOf } from '../git/repo-address.ts';
import { MANIFEST_SUFFIXES, type ManifestFile } from '../manifest/load.ts';
import { messageOf, SlipwayError } from '../platform/errors.ts';
import { readCredentials } from '../sync/source/credentials.ts';
import { type SourceRequest, sourceRequest } from '../sync/source/request.ts';
import type { Session } from './session.ts';

export interface GitContent {
  /** The commit. */
  revision: string;
  files: ManifestFile[];
}

/**
 * Reads the path of an Application from Git here and now, with the Secret that it names: this machine must reach the
 * repository, and the user may read the Secret.
 *
 * @param revision another one than `spec.source.targetRevision`
 */
export async function gitContent(session: Session, application: Application, revision?: string): Promise<GitContent> {
  const problem = specProblem(application);
  if (problem !== undefined) {
    throw new SlipwayError('InvalidSpec', `application "${application.metadata.name}": ${problem}`);
  }
  const request = sourceRequest(application);
  const { signal, client, clock } = session;
  const credentials = request.secret === undefined ? {} : await readCredentials(client, request.secret, signal);
  const repo: GitRepo = { url: request.repoURL, ...credentials };
  const directory = await mkdtemp(join(tmpdir(), 'kubectl-slipway-'));
  const engine = new GitEngine({ directory, limits: DEFAULT_GIT_LIMITS, clock });
  try {
    return await orInterrupted(signal, read(engine, repo, request, revision ?? request.targetRevision));
  } catch (error) {
    if (error instanceof SlipwayError) {
      throw new SlipwayError(error.code, scrub(messageOf(error), secretsOf(repo)));
    }
    throw error;
  } finally {
    await engine.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function read(engine: GitEngine, repo: GitRepo, request: SourceRequest, revision: string): Promise<GitContent> {
  const { path, recurse, include, exclude } = request;
  const options = {
    recurse,
    suffixes: MANIFEST_SUFFIXES,
    ...(include !== undefined && { include }),
    ...(exclude !== undefined && { exclude }),
  };
  const { commit } = await engine.run({ op: 'resolve', repo, revision });
  const { files } = await engine.run({ op: 'list', repo, commit, path, options });
  const texts = await engine.run({ op: 'read', repo, commit, files });
  return { revision: commit, files: files.map((file, i) => ({ ...file, text: texts[i] ?? '' })) };
}

/** Git is not told to stop; its connections are closed by whoever made the engine. */
function orInterrupted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const interrupt = (): void => reject(new SlipwayError('Interrupted', 'interrupted while reading from Git'));
    if (signal.aborted) interrupt();
    signal.addEventListener('abort', interrupt, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', interrupt));
  });
}
