/** What a commit changes: `setting` is in a ConfigMap, another `release` is another version of the Rollout. */
export interface Marks {
  readonly setting: string;
  readonly release: string;
}

/** What the Application of the test keeps in Git: plain objects and a Rollout without a model. */
export function tree(image: string, marks: Marks): Record<string, string> {
  return {
    'web/settings.yaml': `apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {setting: "${marks.setting}"}
`,
    'web/rollout.yaml': `apiVersion: slipway.dev/v1alpha1
kind: Rollout
metadata: {name: web}
spec:
  replicas: 2
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
      annotations: {release: "${marks.release}"}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: web
          image: ${image}
          readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 1}
  strategy:
    canary:
      steps: [{setWeight: 50}]
`,
  };
}

/** The credentials of the repository and the Application that reads it. */
export function application(repoURL: string, credentials: { username: string; password: string }): string {
  return `apiVersion: v1
kind: Secret
metadata: {name: git}
stringData: ${JSON.stringify(credentials)}
---
apiVersion: slipway.dev/v1alpha1
kind: Application
metadata: {name: web}
spec:
  source: {repoURL: "${repoURL}", path: web, secretRef: {name: git}}
  syncPolicy: {automated: {prune: true}}
`;
}
