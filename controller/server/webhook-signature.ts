import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a request proves that its sender knows one of `secrets`: GitHub (`X-Hub-Signature-256: sha256=<hex>`) and Gitea
 * (`X-Gitea-Signature: <hex>`) by an HMAC-SHA256 of the raw body, GitLab (`X-Gitlab-Token`) by the secret itself. Takes the
 * same time whichever secret fits and however much of it does.
 */
export function isSigned(headers: IncomingHttpHeaders, body: Uint8Array, secrets: readonly string[]): boolean {
  const signatures = [
    /^sha256=([0-9a-f]{64})$/i.exec(one(headers['x-hub-signature-256']))?.[1],
    /^([0-9a-f]{64})$/i.exec(one(headers['x-gitea-signature']))?.[1],
  ].flatMap((hex) => (hex === undefined ? [] : [Buffer.from(hex, 'hex')]));
  const token = one(headers['x-gitlab-token']);
  let signed = false;
  for (const secret of secrets) {
    // An empty secret would be known to everybody.
    if (secret === '') continue;
    if (signatures.length > 0) {
      const expected = createHmac('sha256', secret).update(body).digest();
      for (const signature of signatures) signed = timingSafeEqual(signature, expected) || signed;
    }
    if (token !== '') signed = timingSafeEqual(sha256(token), sha256(secret)) || signed;
  }
  return signed;
}

function one(header: string | string[] | undefined): string {
  return typeof header === 'string' ? header : '';
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
