import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { ClusterError } from './errors.ts';
import { http, type Tls } from './http.ts';
import { until } from './wait.ts';

/** As much of a Kubernetes object as the cluster's own tools look at. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Record<string, string> };
  readonly [field: string]: unknown;
}

/** The few calls that setting up a cluster needs. Deliberately not the controller's client: tests must not depend on it. */
export interface KubeApi {
  /** Any request; the answer parsed as JSON. Fails on a status of 400 or above. */
  request<T = KubeObject>(method: string, path: string, body?: unknown, contentType?: string): Promise<T>;
  /** Server-side apply of an object at its path, e.g. `/api/v1/namespaces/default/configmaps/x`. */
  apply(path: string, object: KubeObject): Promise<KubeObject>;
}

interface KubeconfigFile {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
  users: { user: { token?: string; 'client-certificate-data'?: string; 'client-key-data'?: string } }[];
}

/** A client with the credentials of a kubeconfig that this project wrote. */
export function kubeApi(kubeconfigPath: string): KubeApi {
  const file = parse(readFileSync(kubeconfigPath, 'utf8')) as KubeconfigFile;
  const cluster = file.clusters[0]?.cluster;
  const user = file.users[0]?.user;
  if (cluster === undefined || user === undefined) throw new ClusterError(`${kubeconfigPath} names no cluster or user`);
  const pem = (data: string | undefined): string => Buffer.from(data ?? '', 'base64').toString();
  const tls: Tls = {
    ca: pem(cluster['certificate-authority-data']),
    ...(user['client-certificate-data'] === undefined
      ? {}
      : { cert: pem(user['client-certificate-data']), key: pem(user['client-key-data']) }),
  };
  const request: KubeApi['request'] = async <T>(method: string, path: string, body?: unknown, contentType?: string) => {
    const answer = await http(`${cluster.server}${path}`, {
      method,
      tls,
      timeoutMs: 30_000,
      headers: {
        accept: 'application/json',
        'user-agent': 'slipway-cluster',
        ...(user.token === undefined ? {} : { authorization: `Bearer ${user.token}` }),
        ...(body === undefined ? {} : { 'content-type': contentType ?? 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = answer.body.toString();
    if (answer.status >= 400)
      throw new ClusterError(`${method} ${path} answered ${answer.status}: ${statusMessage(text)}`);
    return JSON.parse(text) as T;
  };
  return {
    request,
    apply: (path, object) =>
      request('PATCH', `${path}?fieldManager=slipway-cluster&force=true`, object, 'application/apply-patch+yaml'),
  };
}

function statusMessage(text: string): string {
  try {
    return (JSON.parse(text) as { message?: string }).message ?? text;
  } catch {
    return text;
  }
}

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

interface CustomResourceDefinition extends KubeObject {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** Applies CustomResourceDefinitions and waits until the API server serves them. */
export async function applyCustomResourceDefinitions(api: KubeApi, definitions: readonly KubeObject[]): Promise<void> {
  await Promise.all(definitions.map((crd) => api.apply(`${CRDS}/${crd.metadata.name}`, crd)));
  for (const { metadata } of definitions) {
    await until(
      async () => {
        const crd = await api.request<CustomResourceDefinition>('GET', `${CRDS}/${metadata.name}`);
        return crd.status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True');
      },
      { what: `the definition ${metadata.name} to be established`, timeoutMs: 30_000 },
    );
  }
}
