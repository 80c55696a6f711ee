import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { writeConfiguration } from './files.ts';
import { type KubeObject, kubeApi } from './kube-api.ts';
import { kubeconfig } from './kubeconfig.ts';

/** A rule of a Role, as in `rbac.authorization.k8s.io/v1`. */
export interface PolicyRule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly verbs: readonly string[];
}

/** A ServiceAccount to act as. */
export interface ServiceAccountOptions {
  /** Of an administrator. */
  readonly kubeconfigPath: string;
  /** Must exist. */
  readonly namespace: string;
  readonly name: string;
  /** What it may do in the whole cluster. Without rules: what everybody may. */
  readonly rules?: readonly PolicyRule[];
  /** Where to write the kubeconfig. */
  readonly file: string;
  /** Validity of the token; the API server grants no less than 600 s. */
  readonly seconds?: number;
}

/** Makes a ServiceAccount with the given rights and writes a kubeconfig with a token of it. */
export async function serviceAccountKubeconfig(options: ServiceAccountOptions): Promise<string> {
  const { namespace, name, rules = [] } = options;
  const api = kubeApi(options.kubeconfigPath);
  const account = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}`;
  await api.apply(account, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name } });
  if (rules.length > 0) {
    const role = `${namespace}.${name}`;
    const rbac = '/apis/rbac.authorization.k8s.io/v1';
    const head = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata: { name: role } };
    await api.apply(`${rbac}/clusterroles/${role}`, { ...head, kind: 'ClusterRole', rules });
    await api.apply(`${rbac}/clusterrolebindings/${role}`, {
      ...head,
      kind: 'ClusterRoleBinding',
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
      subjects: [{ kind: 'ServiceAccount', namespace, name }],
    });
  }
  const request = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: options.seconds ?? 3600 },
  };
  const answer = await api.request<KubeObject & { status: { token: string } }>('POST', `${account}/token`, request);
  const { server, ca } = clusterOfKubeconfig(options.kubeconfigPath);
  writeConfiguration(options.file, kubeconfig(server, ca, `${namespace}/${name}`, { token: answer.status.token }));
  return options.file;
}

function clusterOfKubeconfig(path: string): { server: string; ca: string } {
  const { clusters } = parse(readFileSync(path, 'utf8')) as {
    clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }];
  };
  const { server, 'certificate-authority-data': data } = clusters[0].cluster;
  return { server, ca: Buffer.from(data, 'base64').toString() };
}
