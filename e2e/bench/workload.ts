import type { Application } from '../../controller/api/generated/application.ts';
import type { KubeObject } from '../../controller/kube/types.ts';

/** Where all objects of the benchmark are. */
export const NAMESPACE = 'bench';
/** Carried by every object with a value from Git, so that a change and its healing look the same for all kinds. */
export const VALUE_ANNOTATION = 'example.com/value';

/** `0001`: names of equal length sort as their numbers do. */
export function nameOf(n: number): string {
  return `app-${String(n).padStart(5, '0')}`;
}

/** Path of the file of an Application in a repository that all share. */
export function fileOf(n: number): string {
  return `apps/${nameOf(n)}/all.yaml`;
}

/**
 * The four objects of one Application as YAML. Nothing runs: the Deployment has no replicas.
 *
 * @param value of all objects
 * @param last of the Ingress, the last one to be applied
 */
export function manifests(n: number, value: string, last = value): string {
  const name = nameOf(n);
  const metadataWith = (text: string): string =>
    `metadata: {name: ${name}, labels: {app: ${name}}, annotations: {${VALUE_ANNOTATION}: "${text}"}}`;
  const metadata = metadataWith(value);
  return `apiVersion: v1
kind: ServiceAccount
${metadata}
automountServiceAccountToken: false
---
apiVersion: v1
kind: Service
${metadata}
spec:
  selector: {app: ${name}}
  ports:
    - {name: http, port: 80, targetPort: 8080}
---
apiVersion: apps/v1
kind: Deployment
${metadata}
spec:
  replicas: 0
  selector:
    matchLabels: {app: ${name}}
  template:
    metadata:
      labels: {app: ${name}}
    spec:
      serviceAccountName: ${name}
      containers:
        - name: server
          image: example.com/server:1
          ports: [{name: http, containerPort: 8080}]
          env: [{name: MODEL, value: ${name}}]
          resources: {requests: {cpu: 100m, memory: 128Mi}, limits: {memory: 256Mi}}
          readinessProbe: {httpGet: {path: /healthz, port: http}, periodSeconds: 5}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
${metadataWith(last)}
spec:
  rules:
    - host: ${name}.example.com
      http:
        paths:
          - {path: /, pathType: Prefix, backend: {service: {name: ${name}, port: {name: http}}}}
`;
}

/** An Application that keeps its objects equal to `path` of a repository. */
export function application(n: number, repoURL: string, path: string): Application {
  return {
    apiVersion: 'slipway.dev/v1alpha1',
    kind: 'Application',
    metadata: { name: nameOf(n), namespace: NAMESPACE },
    spec: {
      source: { repoURL, path, targetRevision: 'main' },
      syncPolicy: { automated: { prune: true, selfHeal: true } },
    } as Application['spec'],
  };
}

/** The value that an object carries now. */
export function valueIn(object: KubeObject): string | undefined {
  return object.metadata.annotations?.[VALUE_ANNOTATION];
}
