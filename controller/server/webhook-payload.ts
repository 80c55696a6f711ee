import type { IncomingHttpHeaders } from 'node:http';
import { publicUrl, repoKey } from '../git/repo-url.ts';

/** A push as any of the forges reports it. */
export interface Push {
  /** Addresses under which the repository may be known, without credentials; one per spelling that differs in substance. */
  urls: string[];
  /** Full ref, for example `refs/heads/main`; empty when the payload names none. */
  ref: string;
}

const PUSH_EVENTS = new Set(['push', 'create', 'delete', 'Push Hook', 'Tag Push Hook']);

/** Whether the request speaks of refs that moved; everything else is none of our business. */
export function isPushEvent(headers: IncomingHttpHeaders): boolean {
  return ['x-gitea-event', 'x-gitlab-event', 'x-github-event'].some((name) => {
    const event = headers[name];
    return typeof event === 'string' && PUSH_EVENTS.has(event);
  });
}

/** Reads GitHub's, Gitea's and GitLab's payload. Total: whatever does not have the expected shape is not there. */
export function pushOf(payload: unknown): Push {
  const root = fields(payload);
  const [repository, project] = [fields(root['repository']), fields(root['project'])];
  const byKey = new Map<string, string>();
  for (const value of [
    ...['clone_url', 'git_http_url', 'html_url', 'homepage', 'ssh_url', 'git_ssh_url', 'git_url'].map(
      (name) => repository[name],
    ),
    ...['git_http_url', 'http_url', 'web_url', 'git_ssh_url', 'ssh_url'].map((name) => project[name]),
  ]) {
    if (typeof value !== 'string' || value.length > MAX_URL) continue;
    const key = repoKey(value);
    if (key !== '' && !byKey.has(key)) byKey.set(key, publicUrl(value));
  }
  const ref = root['ref'];
  return { urls: [...byKey.values()], ref: typeof ref === 'string' ? ref.slice(0, MAX_URL) : '' };
}

const MAX_URL = 2048;

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
