import { readFile } from 'node:fs/promises';
import { KubeConfig } from '@kubernetes/client-node';
import { messageOf, SlipwayError } from '../platform/errors.ts';

/** What a TLS connection to the API server needs; plain data, so that a change can be seen by comparing. */
export interface TlsMaterial {
  ca?: string;
  cert?: string;
  key?: string;
  servername?: string;
  rejectUnauthorized?: boolean;
}

export interface Credentials {
  tls: TlsMaterial;
  headers: Record<string, string>;
}

/** Where one API server is and how one user proves to it who it is. */
export interface ClusterIdentity {
  /** Base URL, for example `https://10.0.0.1:6443`; may have a path. */
  readonly server: string;
  /** Namespace of the context, `default` when it has none. */
  readonly namespace: string;
  readonly proxyUrl: string | undefined;
  /**
   * The credentials as of now. With `renew` nothing cached may be used: the server has just refused the last ones.
   * Callers cache the answer for a while (see connection.ts); this reads files or runs the exec plugin.
   */
  credentials(renew: boolean): Promise<Credentials>;
}

export interface KubeconfigSource {
  /** File to read; without it `$KUBECONFIG`, `~/.kube/config`, then the pod's service account. */
  path?: string;
  context?: string;
}

/** Finds the cluster as kubectl does. Throws SlipwayError `KubeconfigInvalid` when there is none. */
export function loadClusterIdentity(source: KubeconfigSource = {}): ClusterIdentity {
  let config = load(source);
  const { cluster, user, namespace } = current(config, source);
  const tokenFile: unknown = user.authProvider?.config?.tokenFile;
  if (cluster.caFile !== undefined && typeof tokenFile === 'string') {
    return inCluster(cluster.server, namespace, cluster.caFile, tokenFile);
  }
  if (cluster.proxyUrl?.startsWith('socks')) throw invalid('proxy-url with SOCKS is not supported: use an http proxy');
  return {
    server: cluster.server,
    namespace,
    proxyUrl: cluster.proxyUrl,
    async credentials(renew) {
      // The exec and token caches of KubeConfig live in the object, so a new object is how to get past them.
      if (renew) config = load(source);
      return credentialsOf(config);
    },
  };
}

/** The identity of a pod's service account. Both files are projected volumes: kubelet replaces them long before expiry. */
export function inCluster(server: string, namespace: string, caFile: string, tokenFile: string): ClusterIdentity {
  return {
    server,
    namespace,
    proxyUrl: undefined,
    async credentials() {
      const [ca, token] = await Promise.all([readFile(caFile, 'utf8'), readFile(tokenFile, 'utf8')]);
      return { tls: { ca }, headers: { authorization: `Bearer ${token.trim()}` } };
    },
  };
}

function load(source: KubeconfigSource): KubeConfig {
  const config = new KubeConfig();
  try {
    if (source.path === undefined) config.loadFromDefault();
    else config.loadFromFile(source.path);
    if (source.context !== undefined) config.setCurrentContext(source.context);
  } catch (error) {
    throw invalid(messageOf(error));
  }
  // What client-node makes up when it finds nothing; without TLS it does not even connect.
  if (config.getCurrentCluster()?.server === 'http://localhost:8080' && source.path === undefined) {
    throw invalid('there is none: set $KUBECONFIG, write ~/.kube/config, name a file, or run in a pod');
  }
  return config;
}

function current(config: KubeConfig, source: KubeconfigSource) {
  const cluster = config.getCurrentCluster();
  const user = config.getCurrentUser();
  if (cluster === null || user === null) {
    throw invalid(
      `context "${config.getCurrentContext()}" names no cluster and user${source.path === undefined ? '' : ` in ${source.path}`}`,
    );
  }
  const context = config.getContextObject(config.getCurrentContext());
  return { cluster, user, namespace: context?.namespace ?? 'default' };
}

async function credentialsOf(config: KubeConfig): Promise<Credentials> {
  const options: Parameters<KubeConfig['applyToHTTPSOptions']>[0] & Record<string, unknown> = {};
  await config.applyToHTTPSOptions(options);
  const tls: TlsMaterial = {};
  if (options.ca) tls.ca = String(options.ca);
  if (options.cert) tls.cert = String(options.cert);
  if (options.key) tls.key = String(options.key);
  if (typeof options['servername'] === 'string') tls.servername = options['servername'];
  if (options.rejectUnauthorized === false) tls.rejectUnauthorized = false;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) headers[name.toLowerCase()] = String(value);
  if (typeof options.auth === 'string')
    headers['authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  return { tls, headers };
}

function invalid(message: string): SlipwayError {
  return new SlipwayError('KubeconfigInvalid', `kubeconfig: ${message.replace(/\s+/g, ' ')}`);
}
