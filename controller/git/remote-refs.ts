import git from 'isomorphic-git';
import { GitError } from './errors.ts';
import type { GitHttp } from './http-client.ts';

export interface RemoteRevision {
  commit: string;
  /** The full ref; absent when the revision was a commit id. */
  ref?: string;
  /** The id that the server advertises for the ref: the tag object of an annotated tag, else the commit. */
  advertised: string;
}

const COMMIT_ID = /^[0-9a-f]{40}$/;

/**
 * Asks the server, with protocol 2 and a ref prefix, so that the answer is a few hundred bytes however many refs there are.
 * Nothing is cloned. A branch wins over a tag of the same name; `refs/tags/x` names the tag.
 */
export async function resolveRemote(
  http: GitHttp,
  url: string,
  name: string,
  revision: string,
): Promise<RemoteRevision> {
  const wanted = revision.trim();
  if (COMMIT_ID.test(wanted.toLowerCase())) {
    const commit = wanted.toLowerCase();
    return { commit, advertised: commit };
  }
  for (const ref of candidates(wanted)) {
    const refs = await git.listServerRefs({
      http,
      url,
      prefix: ref,
      symrefs: true,
      peelTags: true,
      protocolVersion: 2,
    });
    const found = refs.find((candidate) => candidate.ref === ref);
    if (found !== undefined) {
      return { commit: found.peeled ?? found.oid, ref: found.target ?? found.ref, advertised: found.oid };
    }
  }
  throw new GitError('GitRevisionNotFound', `${name} has no ${describe(wanted)}`);
}

function candidates(revision: string): string[] {
  if (revision === '' || revision === 'HEAD') return ['HEAD'];
  // What git check-ref-format forbids cannot exist, and must not reach the wire.
  if (/[\0-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|^\/|\/$|\.$/.test(revision)) return [];
  if (revision.startsWith('refs/')) return [revision];
  return [`refs/heads/${revision}`, `refs/tags/${revision}`];
}

function describe(revision: string): string {
  if (revision === '' || revision === 'HEAD')
    return 'default branch: push a commit, or name a branch in targetRevision';
  if (revision.startsWith('refs/')) return `ref "${revision}": correct targetRevision or push the ref`;
  const short = /^[0-9a-f]{4,39}$/i.test(revision) ? ' (a commit id needs all 40 digits)' : '';
  return `branch or tag "${revision}"${short}: correct targetRevision or push the branch`;
}
