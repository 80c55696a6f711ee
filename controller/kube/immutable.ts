/** A field that the API server says can never be changed, and its words for that without any value; either may be empty. */
export interface ImmutableField {
  readonly field: string;
  readonly why: string;
}

/** How API servers and webhooks say it: there is no code for it. `immutable` within a name or a value says nothing. */
const IMMUTABLE =
  /(?<![\w"'-])immutable(?![\w"'-])|\b(?:may|must|can) ?not (?:be )?(?:change|modif|update)|\bmay not be (?:changed|modified|updated)|\bcan(?:not|'t) be (?:changed|modified|updated)|updates? to .+ (?:is|are) forbidden/i;
const MAX_WHY = 240;

/**
 * The fields that were refused since they cannot be changed; empty when there is another cause beside, since leaving them
 * alone would not help then.
 *
 * @param status HTTP status of the answer
 * @param message of the whole answer, for webhooks, which name no causes
 */
export function immutableFields(
  status: number,
  causes: readonly { field: string; message: string }[],
  message: string,
): readonly ImmutableField[] {
  if (status !== 422 && status !== 400 && status !== 403) return [];
  // A missing right: `User "…" cannot update resource "…"`. Webhooks and policies say that they denied the request.
  if (status === 403 && causes.length === 0 && !/\bdenied (?:the )?request\b/.test(message)) return [];
  if (causes.length === 0) return IMMUTABLE.test(message) ? [{ field: '', why: wordsOf(message) }] : [];
  if (!causes.every((cause) => IMMUTABLE.test(wordsOf(cause.message)))) return [];
  const fields = new Map(causes.map((cause) => [cause.field, { field: cause.field, why: wordsOf(cause.message) }]));
  return [...fields.values()];
}

/** `Invalid value: {…}: field is immutable` without the value; of several lines only the first, since a dump may follow. */
function wordsOf(message: string): string {
  const [line = ''] = message.split('\n');
  const words = line.slice(line.lastIndexOf(': ') + 1).trim();
  return words.length > MAX_WHY ? `${words.slice(0, MAX_WHY)}…` : words;
}
