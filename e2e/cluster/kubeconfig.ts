import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { type ClusterContext, clientsOf, kubeconfigFile, pkiFile, serverUrl } from './context.ts';
import { writeConfiguration } from './files.ts';

/** How a client proves who it is. */
export type Credentials = { readonly certificate: string; readonly key: string } | { readonly token: string };

/** A kubeconfig with all its material inside, so that the file alone is enough. `ca`, `certificate`, `key` are PEM. */
export function kubeconfig(server: string, ca: string, user: string, credentials: Credentials): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const auth =
    'token' in credentials
      ? { token: credentials.token }
      : {
          'client-certificate-data': base64(credentials.certificate),
          'client-key-data': base64(credentials.key),
        };
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'slipway', cluster: { server, 'certificate-authority-data': base64(ca) } }],
    users: [{ name: user, user: auth }],
    contexts: [{ name: 'slipway', context: { cluster: 'slipway', user } }],
    'current-context': 'slipway',
  });
}

/** Writes the kubeconfig of every user of the cluster. */
export function writeKubeconfigs(context: ClusterContext): void {
  const pem = (file: string): string => readFileSync(pkiFile(context, file), 'utf8');
  for (const user of Object.keys(clientsOf(context))) {
    const credentials = { certificate: pem(`${user}.crt`), key: pem(`${user}.key`) };
    writeConfiguration(kubeconfigFile(context, user), kubeconfig(serverUrl(context), pem('ca.crt'), user, credentials));
  }
}
