import { Reason } from '../../api/reasons.ts';
import type { GitAuth, GitRepo } from '../../git/port.ts';
import { isNotFound } from '../../kube/errors.ts';
import type { KubeClient, ObjectKey, ResourceInfo } from '../../kube/types.ts';
import { SlipwayError } from '../../platform/errors.ts';
import { at } from '../health/read.ts';

const SECRETS: ResourceInfo = {
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  namespaced: true,
  verbs: ['get'],
  subresources: [],
};

/** The Secret of source.secretRef cannot be used. */
export class CredentialsError extends SlipwayError {
  constructor(message: string) {
    super(Reason.CredentialsInvalid, message);
  }
}

/** What a Secret says about how to reach a repository. */
export type Credentials = Pick<GitRepo, 'auth' | 'ca'>;

/**
 * Reads the Secret when it is needed instead of watching Secrets: a controller that can list every Secret of a cluster is
 * worth attacking.
 */
export async function readCredentials(client: KubeClient, key: ObjectKey, signal: AbortSignal): Promise<Credentials> {
  let secret: unknown;
  try {
    secret = await client.get(SECRETS, key, { signal });
  } catch (error) {
    if (isNotFound(error)) {
      throw new CredentialsError(`Secret ${key} does not exist; create it, or correct spec.source.secretRef`);
    }
    throw error;
  }
  return credentialsFrom(secret, key);
}

/** Parses the Secret. Its values appear in no message. */
export function credentialsFrom(secret: unknown, key: ObjectKey): Credentials {
  const read = (field: string): string | undefined => {
    const value = at(secret, 'data', field);
    return typeof value === 'string' && value !== '' ? Buffer.from(value, 'base64').toString('utf8').trim() : undefined;
  };
  const [username, password, token, ca] = ['username', 'password', 'token', 'ca.crt'].map(read);
  let auth: GitAuth | undefined;
  if (token !== undefined) auth = { token };
  else if (username !== undefined && password !== undefined) auth = { username, password };
  else if (username !== undefined || password !== undefined) {
    const missing = username === undefined ? 'username' : 'password';
    throw new CredentialsError(`Secret ${key} has no key ${missing}; it needs username and password, or token`);
  } else if (ca === undefined) {
    throw new CredentialsError(`Secret ${key} has none of the keys username and password, token, ca.crt`);
  }
  return { ...(auth !== undefined && { auth }), ...(ca !== undefined && { ca }) };
}
