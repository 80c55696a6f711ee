import { SlipwayError } from '../platform/errors.ts';

/** Every code a Git operation can fail with; stable, users may alert on them. */
export type GitErrorCode =
  | 'GitUnreachable'
  | 'GitAuthFailed'
  | 'GitRepositoryNotFound'
  | 'GitRevisionNotFound'
  | 'GitPathNotFound'
  | 'GitTooLarge'
  | 'GitUnsupportedUrl'
  | 'GitUnsupportedContent'
  | 'GitRedirectRefused'
  | 'GitCorrupt'
  | 'GitWorkerFailed';

/** Failures that may pass by themselves; the others wait for a person. */
const RETRYABLE: ReadonlySet<GitErrorCode> = new Set(['GitUnreachable', 'GitCorrupt', 'GitWorkerFailed']);

/** A failed Git operation. The message names the repository without credentials, what was wanted, and the remedy. */
export class GitError extends SlipwayError {
  declare readonly code: GitErrorCode;

  constructor(code: GitErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(code, message, { retryable: RETRYABLE.has(code), ...options });
  }
}

/** A GitError as plain data, to cross the boundary of the worker thread. */
export interface GitErrorData {
  code: GitErrorCode;
  message: string;
}

/**
 * Removes what must never be shown: user information inside URLs, and each of `secrets` wherever it stands. Line breaks
 * become spaces, since messages end up in conditions.
 */
export function scrub(text: string, secrets: readonly string[] = []): string {
  let clean = text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/]*@/gi, '$1').replace(/\s+/g, ' ');
  for (const secret of secrets) {
    if (secret !== '') clean = clean.replaceAll(secret, '***');
  }
  return clean;
}
