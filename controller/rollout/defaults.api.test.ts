import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectReal, createNamespace, type RealCluster } from '../../test/setup/real-cluster.ts';
import { canonicalJson } from '../manifest/canonical.ts';
import { comparableTemplate } from './defaults.ts';
import { REPLICA_SET_RESOURCE } from './resources.ts';
import type { PodTemplate, ReplicaSet } from './snapshot.ts';

const NAMESPACE = 'rollout-template-defaults';
const probe = (how: object) => ({ ...how, periodSeconds: 3 });

/** Templates that together use what Kubernetes fills in by itself. */
const SPECS: Record<string, Record<string, unknown>> = {
  plain: { containers: [{ name: 'c', image: 'server:1' }] },
  untagged: { containers: [{ name: 'c', image: 'host:5000/server' }] },
  digest: { containers: [{ name: 'c', image: `server@sha256:${'0'.repeat(64)}` }] },
  probes: {
    containers: [
      {
        name: 'c',
        image: 'server:1',
        readinessProbe: probe({ httpGet: { port: 80 } }),
        livenessProbe: probe({ tcpSocket: { port: 'http' } }),
        startupProbe: probe({ grpc: { port: 81 } }),
        lifecycle: { preStop: { httpGet: { port: 80 } }, postStart: { exec: { command: ['true'] } } },
        ports: [{ name: 'http', containerPort: 80 }],
      },
    ],
  },
  resources: {
    containers: [
      {
        name: 'c',
        image: 'server:1',
        resources: {
          limits: { cpu: 1.5, memory: '1536Mi', 'nvidia.com/gpu': 1 },
          requests: { cpu: '0.25', memory: '1G' },
        },
        env: [
          { name: 'EMPTY', value: '' },
          { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
          { name: 'KEY', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
        ],
      },
    ],
  },
  volumes: {
    containers: [
      { name: 'c', image: 'server:1', volumeMounts: [{ name: 'a', mountPath: '/a', readOnly: false, subPath: '' }] },
    ],
    volumes: [
      { name: 'a' },
      { name: 'b', configMap: { name: 'x', items: [{ key: 'k', path: 'p' }] } },
      { name: 'c', secret: { secretName: 'x' } },
      { name: 'd', hostPath: { path: '/tmp' } },
      { name: 'e', downwardAPI: { items: [{ path: 'l', fieldRef: { fieldPath: 'metadata.labels' } }] } },
      { name: 'f', emptyDir: { sizeLimit: '1024Mi' } },
      {
        name: 'g',
        projected: {
          sources: [
            { serviceAccountToken: { path: 't' } },
            {
              downwardAPI: { items: [{ path: 'c', resourceFieldRef: { containerName: 'c', resource: 'limits.cpu' } }] },
            },
          ],
        },
      },
      {
        name: 'h',
        ephemeral: {
          volumeClaimTemplate: {
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1024Mi' } } },
          },
        },
      },
    ],
  },
  scheduling: {
    serviceAccountName: 'default',
    hostNetwork: true,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 0,
    tolerations: [{ key: 'gpu', operator: 'Exists', effect: 'NoSchedule' }],
    nodeSelector: {},
    imagePullSecrets: [],
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'zone',
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: { app: 'a' } },
      },
    ],
    affinity: {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: {}, topologyKey: 'kubernetes.io/hostname' }],
      },
    },
    securityContext: { runAsUser: 0, fsGroup: 0, runAsNonRoot: false },
    containers: [
      {
        name: 'c',
        image: 'server:1',
        ports: [{ containerPort: 80 }],
        stdin: false,
        securityContext: { allowPrivilegeEscalation: false, privileged: false, readOnlyRootFilesystem: false },
      },
    ],
    initContainers: [{ name: 'i', image: 'init:latest', restartPolicy: 'Always' }],
  },
};

let cluster: RealCluster;
beforeAll(async () => {
  cluster = connectReal();
  await createNamespace(cluster, NAMESPACE);
});
afterAll(() => cluster.close());

it.each(Object.entries(SPECS))('a template comes back equal from the API server: %s', async (name, spec) => {
  const template: PodTemplate = { metadata: { labels: { app: name }, annotations: {} }, spec };
  const sent: ReplicaSet = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name, namespace: NAMESPACE },
    spec: { replicas: 0, selector: { matchLabels: { app: name } }, template },
  };
  const stored = (await cluster.client.create(REPLICA_SET_RESOURCE, sent)) as ReplicaSet;
  expect(canonicalJson(stored.spec.template)).not.toBe(canonicalJson(template));
  expect(comparableTemplate(stored.spec.template)).toEqual(comparableTemplate(template));
});
