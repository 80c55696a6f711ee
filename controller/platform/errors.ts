/**
 * Base of every error that a user may see. `code` is stable and documented in docs/reference/errors.md (a test compares
 * the page with the code); `retryable` says whether the same call may succeed later without anybody changing anything.
 */
export class SlipwayError extends Error {
  readonly code: string;
  readonly retryable: boolean;

  constructor(code: string, message: string, options: { retryable?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

/** The message of anything that was thrown, with the causes that say what really went wrong. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error && !error.message.includes(error.cause.message) ? error.cause : undefined;
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return cause === undefined ? error.message : `${error.message}: ${messageOf(cause)}`;
}
