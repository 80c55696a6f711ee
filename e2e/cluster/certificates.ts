import { generateKeyPairSync } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './run.ts';

/** What a certificate of the cluster says. Every one is signed by the cluster's CA, or is that CA. */
export interface CertificateRequest {
  /** File name without ending: `<name>.crt` and `<name>.key`. */
  readonly name: string;
  /** The user that a client is for the API server. */
  readonly commonName: string;
  /** The group that a client belongs to. */
  readonly organization?: string;
  /** `IP:…` and `DNS:…` entries of a server. */
  readonly alternativeNames?: readonly string[];
  /** Signed by itself: a CA, or a server whose clients use the same certificate. */
  readonly selfSigned?: 'authority' | 'peer';
}

const DAYS = 3650;

/** Makes the certificates that do not exist yet, the key of service-account tokens included. Needs `openssl`. */
export async function ensureCertificates(folder: string, requests: readonly CertificateRequest[]): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const request of requests) {
    // The certificate is written last: where it exists, its key does too.
    if (!existsSync(join(folder, `${request.name}.crt`))) await issue(folder, request);
  }
  if (!existsSync(join(folder, 'service-account.pub'))) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await writeSecret(join(folder, 'service-account.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    await writeSecret(join(folder, 'service-account.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
  }
}

async function issue(folder: string, request: CertificateRequest): Promise<void> {
  const file = (ending: string): string => join(folder, `${request.name}.${ending}`);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await writeSecret(file('key'), privateKey.export({ type: 'sec1', format: 'pem' }));
  await writeFile(file('cnf'), opensslConfiguration(request));
  const issuer =
    request.selfSigned === undefined ? ['-CA', join(folder, 'ca.crt'), '-CAkey', join(folder, 'ca.key')] : [];
  const args = ['req', '-x509', '-new', '-sha256', '-days', String(DAYS), '-config', file('cnf')];
  await run('openssl', [...args, '-key', file('key'), ...issuer, '-out', file('crt.new')], {
    purpose: `making the certificate of ${request.name}`,
  });
  await rm(file('cnf'));
  await rename(file('crt.new'), file('crt'));
}

/** The configuration file of `openssl req -x509` for one certificate. */
export function opensslConfiguration(request: CertificateRequest): string {
  const isAuthority = request.selfSigned === 'authority';
  const names = request.alternativeNames ?? [];
  return [
    '[req]',
    'prompt = no',
    'distinguished_name = subject',
    'x509_extensions = extensions',
    '[subject]',
    ...(request.organization === undefined ? [] : [`O = ${request.organization}`]),
    `CN = ${request.commonName}`,
    '[extensions]',
    `basicConstraints = critical,CA:${isAuthority ? 'TRUE' : 'FALSE'}`,
    `keyUsage = critical,${isAuthority ? 'keyCertSign,cRLSign' : 'digitalSignature,keyEncipherment'}`,
    ...(isAuthority ? [] : ['extendedKeyUsage = serverAuth,clientAuth']),
    'subjectKeyIdentifier = hash',
    ...(names.length === 0 ? [] : [`subjectAltName = ${names.join(',')}`]),
    '',
  ].join('\n');
}

async function writeSecret(path: string, content: string | Buffer): Promise<void> {
  await writeFile(path, content, { mode: 0o600 });
}
