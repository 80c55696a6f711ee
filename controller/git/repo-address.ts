import { GitError } from './errors.ts';
import type { GitRepo } from './port.ts';
import { publicUrl } from './repo-url.ts';

export interface RepoAddress {
  /** To connect to; without user information. */
  url: string;
  /** For messages. */
  name: string;
  /** Value of the Authorization header. */
  authorization?: string;
}

/** Splits a repository into where to connect, how to name it, and the credentials, which may also stand in the URL. */
export function repoAddress(repo: GitRepo): RepoAddress {
  const name = publicUrl(repo.url);
  const parsed = URL.canParse(repo.url) ? new URL(repo.url) : undefined;
  if (parsed === undefined || (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') || parsed.search !== '') {
    throw new GitError(
      'GitUnsupportedUrl',
      `repository URL "${name}" is not supported: use the https URL to clone from, without query`,
    );
  }
  const inUrl =
    parsed.username === '' && parsed.password === ''
      ? undefined
      : { username: decode(parsed.username), password: decode(parsed.password) };
  const authorization = basic(repo.auth ?? inUrl);
  return {
    url: name.replace(/\/+$/, ''),
    name,
    ...(authorization === undefined ? {} : { authorization }),
  };
}

/** Every string of a repository that must never be shown. */
export function secretsOf(repo: GitRepo): string[] {
  const parsed = URL.canParse(repo.url) ? new URL(repo.url) : undefined;
  const secrets = [parsed?.password ?? '', decode(parsed?.password ?? '')];
  if (repo.auth !== undefined) secrets.push('token' in repo.auth ? repo.auth.token : repo.auth.password);
  return secrets.filter((secret) => secret !== '');
}

/** Forges take a token as the password of any user; GitHub documents this name. */
function basic(auth: GitRepo['auth']): string | undefined {
  if (auth === undefined) return undefined;
  const [user, password] = 'token' in auth ? ['x-access-token', auth.token] : [auth.username, auth.password];
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
