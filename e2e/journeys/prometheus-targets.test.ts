import { expect, it } from 'vitest';
import { type Pod, targetsOf } from './prometheus-targets.ts';

const pod = (name: string, podIP?: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: 'fraud', 'rollouts-pod-template-hash': 'abc' } },
  spec: { containers: [{ ports: [{ name: 'http', containerPort: 8080 }] }, {}] },
  status: { phase: 'Running', ...(podIP === undefined ? {} : { podIP }) },
});

it('gives each port of a pod with an address the labels of the Kubernetes discovery', () => {
  expect(targetsOf([pod('a', '10.0.0.7'), pod('not scheduled yet')])).toEqual([
    {
      targets: ['10.0.0.7:8080'],
      labels: {
        __meta_kubernetes_pod_name: 'a',
        __meta_kubernetes_pod_phase: 'Running',
        __meta_kubernetes_pod_container_port_name: 'http',
        __meta_kubernetes_pod_label_app: 'fraud',
        __meta_kubernetes_pod_label_rollouts_pod_template_hash: 'abc',
      },
    },
  ]);
});
