import type { Rollout } from '../../controller/api/generated/rollout.ts';
import type { KubeObject } from '../../controller/kube/types.ts';
import { NAMESPACE } from './workload.ts';

/** `rollout-00001`: names of equal length sort as their numbers do. */
export function rolloutName(n: number): string {
  return `rollout-${String(n).padStart(5, '0')}`;
}

/** A Rollout of two pods whose update takes two steps and two pauses; nothing routes requests to it. */
export function rollout(n: number): Rollout {
  const name = rolloutName(n);
  const labels = { app: name };
  const containers = [
    {
      name: 'server',
      image: image(1),
      ports: [{ name: 'http', containerPort: 8080 }],
      env: [{ name: 'MODEL', value: name }],
      resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
      readinessProbe: { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 5 },
    },
  ];
  const pause = { pause: { duration: '2s' } };
  return {
    apiVersion: 'slipway.dev/v1alpha1',
    kind: 'Rollout',
    metadata: { name, namespace: NAMESPACE },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers } },
      strategy: { canary: { steps: [{ setWeight: 25 }, pause, { setWeight: 50 }, pause] } },
    },
  };
}

/** The JSON patch that asks for another version of the pods. */
export function versionPatch(version: number): object[] {
  return [{ op: 'replace', path: '/spec/template/spec/containers/0/image', value: image(version) }];
}

/** All of what the newest spec asks for runs, and nothing else. */
export function isHealthy(object: KubeObject, generation: number): boolean {
  const { phase, observedGeneration } = (object as Rollout).status ?? {};
  return phase === 'Healthy' && observedGeneration !== undefined && Number(observedGeneration) >= generation;
}

function image(version: number): string {
  return `example.com/server:${version}`;
}
