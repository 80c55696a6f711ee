import { RegistryError } from './errors.ts';

/** What a Secret says about how to talk to a registry. Never logged, never put into a message. */
export interface RegistryCredentials {
  /** Value of the Authorization header. */
  authorization?: string;
  /** PEM bundle to trust, in addition to nothing else: a private CA replaces the public ones. */
  ca?: string;
}

/**
 * Reads the `data` of a Secret: `token` (Bearer), or `username` and `password` (Basic), and `ca.crt`.
 *
 * @param secret namespace/name, for messages
 */
export function readCredentials(data: unknown, secret: string): RegistryCredentials {
  const value = (key: string): string | undefined => {
    const encoded = typeof data === 'object' && data !== null ? (data as Record<string, unknown>)[key] : undefined;
    if (typeof encoded !== 'string') return undefined;
    // A line break at the end is a slip of `echo secret | base64`, and never part of a header.
    const text = Buffer.from(encoded, 'base64')
      .toString('utf8')
      .replace(/\r?\n$/, '');
    return text === '' ? undefined : text;
  };
  const invalid = (message: string): RegistryError =>
    new RegistryError('RegistrySecretInvalid', `Secret ${secret}: ${message}`);
  const token = value('token');
  const username = value('username');
  const password = value('password');
  const ca = value('ca.crt');
  if (token !== undefined && username !== undefined) throw invalid('has both token and username; keep one of them');
  if ((username === undefined) !== (password === undefined)) {
    throw invalid(`lacks the key ${username === undefined ? 'username' : 'password'}`);
  }
  if (token === undefined && username === undefined && ca === undefined) {
    throw invalid('has none of the keys token, username and password, ca.crt');
  }
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) throw invalid('token holds characters that no token has');
  if (ca !== undefined && !ca.includes('-----BEGIN CERTIFICATE-----')) throw invalid('ca.crt is not a PEM certificate');
  const authorization =
    token !== undefined
      ? `Bearer ${token}`
      : username !== undefined
        ? `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
        : undefined;
  return { ...(authorization === undefined ? {} : { authorization }), ...(ca === undefined ? {} : { ca }) };
}
