/** Of an answer that refuses a Secret, what may tell why. */
export interface RefusedSecret {
  message: string;
  causes: readonly { field: string }[];
}

/** Statuses whose texts name the object, the user and the like, and nothing of its content. */
const HARMLESS: ReadonlySet<number> = new Set([401, 404, 405, 408, 409, 410, 413, 415, 429, 501, 502, 503, 504]);

/**
 * What may be shown of an answer to a request for a Secret: undefined when all of it, else words of our own. The API server,
 * and even more so admission webhooks and policies, quote the value that they refuse, which must not get into logs and
 * conditions. Fields, and who refused it, are taken from the known shapes of these texts; the rest is left out.
 */
export function secretRefusal(status: number, { message, causes }: RefusedSecret): string | undefined {
  const refuser = refuserIn(message);
  if (refuser !== undefined)
    return `the Secret was refused by ${refuser} (its reasons are hidden because they may quote values)`;
  const silent = /failed calling webhook "([\w.-]+)"/.exec(message)?.[1];
  if (silent !== undefined) return `the admission webhook "${silent}" could not be asked`;
  if (status === 403 || HARMLESS.has(status)) return undefined;
  const typed = /Kind=Secret\): (\.[\w.\-[\]]+): (field not declared in schema|expected \w+)/.exec(message);
  if (typed !== null) return `the Secret was refused: ${typed[1]}: ${typed[2]}`;
  if (message.includes('illegal base64 data')) {
    return 'the Secret was refused: a value under data is no base64; put plain text under stringData';
  }
  const fields = causes.map(({ field }) => field).filter((field) => field !== '');
  return fields.length === 0
    ? 'the Secret was refused as invalid (details are hidden because they may quote its values)'
    : `the Secret was refused as invalid at ${fields.join(', ')}`;
}

function refuserIn(message: string): string | undefined {
  const webhook = /admission webhook "([\w.-]+)" denied the request/.exec(message)?.[1];
  if (webhook !== undefined) return `the admission webhook "${webhook}"`;
  const policy = /ValidatingAdmissionPolicy '([\w.-]+)'(?: with binding '[\w.-]+')? denied request/.exec(message)?.[1];
  return policy === undefined ? undefined : `the ValidatingAdmissionPolicy "${policy}"`;
}
