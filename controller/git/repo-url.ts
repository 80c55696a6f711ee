/** Repository URLs: what is shown, what is connected to, and when two of them mean the same repository. */

/** The URL without user information, query and fragment: the only form for messages, logs and status. */
export function publicUrl(url: string): string {
  const parsed = parse(url);
  if (parsed !== undefined) {
    parsed.username = '';
    parsed.password = '';
    parsed.search = '';
    parsed.hash = '';
    return parsed.href;
  }
  // scp form keeps its user name (`git@host:path` is an address, not a secret); anything else loses what precedes the @.
  return /^[\w.-]+@[^:/@\s]+:/.test(url) ? url : url.replace(/^.*@/s, '').replace(/[?#].*$/s, '');
}

/**
 * A key that is equal for all spellings of one repository: scheme, user, default and ssh ports, the host's case, a trailing
 * slash and `.git` do not matter. It answers "does this webhook speak of my repository", so it errs on the side of a
 * match: a needless look costs one request. An empty string means that the text names no repository.
 */
export function repoKey(url: string): string {
  const text = url.trim();
  const scp = /^(?:[^@/\s]+@)?([^:/@\s]+):(?!\/\/)(.+)$/.exec(text);
  if (scp !== null && !text.includes('://')) return join((scp[1] ?? '').toLowerCase(), '', scp[2] ?? '');
  const parsed = parse(text);
  if (parsed === undefined || parsed.hostname === '') return '';
  const http = parsed.protocol === 'http:' || parsed.protocol === 'https:';
  if (!http && parsed.protocol !== 'ssh:' && parsed.protocol !== 'git:' && parsed.protocol !== 'git+ssh:') return '';
  // The ssh port says nothing about the web port of the same forge.
  return join(parsed.hostname.toLowerCase(), http ? parsed.port : '', parsed.pathname);
}

/**
 * Whether two URLs may mean one repository. A port only counts when both URLs have one, because `clone_url`, `html_url` and
 * `ssh_url` of one forge often differ in it.
 */
export function sameRepository(a: string, b: string): boolean {
  const [keyA, keyB] = [repoKey(a), repoKey(b)];
  if (keyA === '' || keyB === '') return false;
  return keyA === keyB || (withoutPort(keyA) === withoutPort(keyB) && (!hasPort(keyA) || !hasPort(keyB)));
}

function parse(url: string): URL | undefined {
  // Without the slashes anything before a colon counts as a scheme, also a user name.
  return /^\s*[a-z][a-z0-9+.-]*:\/\//i.test(url) && URL.canParse(url) ? new URL(url) : undefined;
}

function join(host: string, port: string, path: string): string {
  let decoded = path;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    // A stray percent sign is part of the name.
  }
  const name = decoded
    .split('/')
    .filter((part) => part !== '')
    .join('/')
    .replace(/\.git$/i, '');
  if (host === '' || name === '') return '';
  return `${host}${port === '' ? '' : `:${port}`}/${name.toLowerCase()}`;
}

const hasPort = (key: string): boolean => /^[^/]*:\d+\//.test(key);
const withoutPort = (key: string): string => key.replace(/^([^/]*?):\d+\//, '$1/');
