import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Cluster, startCluster } from './cluster.ts';
import { folders as defaultFolders } from './folders.ts';
import { http } from './http.ts';
import { pushImage } from './images/push-image.ts';
import { addProgram } from './images/rootfs.ts';
import { type KubeApi, type KubeObject, kubeApi } from './kube-api.ts';
import { ownedBy, signal } from './process-identity.ts';
import { readRecord } from './process-record.ts';
import { clusterStatus, isUp } from './status.ts';
import { removeCluster } from './teardown.ts';
import { tracesOf } from './traces.ts';
import { until } from './wait.ts';

interface Pod extends KubeObject {
  readonly metadata: KubeObject['metadata'] & { readonly uid: string };
  readonly status: {
    readonly phase: string;
    readonly containerStatuses?: readonly {
      readonly ready: boolean;
      readonly restartCount: number;
      readonly state: { readonly waiting?: { readonly reason: string } };
    }[];
  };
}

const folders = defaultFolders();
const names = [`e2e-a-${process.pid}`, `e2e-b-${process.pid}`] as const;
const up = (name: string): Promise<Cluster> =>
  startCluster({ name, profile: 'node', onProgress: (line) => console.error(line) });

let cluster: Cluster;
let api: KubeApi;
let image: string;

beforeAll(async () => {
  cluster = await up(names[0]);
  api = kubeApi(cluster.kubeconfigPath);
  image = await pushWebImage(cluster);
  await deployWeb(api, image);
});

afterAll(async () => {
  for (const name of names) await removeCluster(name, folders);
});

test('a pod with a pulled image serves behind a Service, for this machine and for other pods', async () => {
  const answer = await http(`http://${await serviceAddress(api)}/`);
  expect(answer.body.toString()).toBe('hello');

  const request = `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc ${await serviceAddress(api)} 80`;
  await createPod(api, 'client', { image, command: ['/bin/sh', '-c', request] });
  const { status } = await podWhere(api, 'client', ({ status }) => /^(Succeeded|Failed)$/.test(status.phase));
  expect(status.phase).toBe('Succeeded');
});

test('a tag that does not exist is a pull error of the pod, as on any cluster', async () => {
  await createPod(api, 'wrong', { image: `${image}-wrong`, command: ['/bin/sh'] });
  const reason = (pod: Pod): string => pod.status.containerStatuses?.[0]?.state.waiting?.reason ?? '';
  const pod = await podWhere(api, 'wrong', (pod) => /ImagePull/.test(reason(pod)));
  expect(reason(pod)).toMatch(/^(ErrImagePull|ImagePullBackOff)$/);
});

test('`up` heals a cluster whose containerd, kubelet and API server were killed; its pods go on', async () => {
  const before = await webPods(api);
  for (const name of ['containerd', 'kubelet', 'kube-apiserver', 'etcd']) {
    const record = readRecord(cluster.stateDir, name);
    expect(record && signal(record, 'SIGKILL')).toBe(true);
  }
  await until(async () => !isUp((await clusterStatus(names[0], folders)) ?? expect.fail()), {
    what: 'status to show the damage',
    timeoutMs: 5_000,
  });

  await up(names[0]);

  const status = await clusterStatus(names[0], folders);
  expect(status?.processes.filter(({ state }) => state !== 'healthy')).toEqual([]);
  await scaleWeb(api, 3);
  const after = await webPods(api);
  expect(after.map(({ metadata }) => metadata.uid)).toEqual(
    expect.arrayContaining(before.map((pod) => pod.metadata.uid)),
  );
  expect(after.map((pod) => pod.status.containerStatuses?.[0]?.restartCount)).toEqual([0, 0, 0]);
  expect((await http(`http://${await serviceAddress(api)}/`)).body.toString()).toBe('hello');
});

test('two node clusters run side by side, and the `down` of one leaves the other alone', async () => {
  const other = await up(names[1]);
  const otherApi = kubeApi(other.kubeconfigPath);
  await deployWeb(otherApi, await pushWebImage(other));
  expect((await http(`http://${await serviceAddress(otherApi)}/`)).body.toString()).toBe('hello');

  await other.stop();

  expect((await clusterStatus(names[0], folders)) ?? expect.fail()).toSatisfy(isUp);
  expect((await http(`http://${await serviceAddress(api)}/`)).body.toString()).toBe('hello');
});

test('`down` leaves no trace, also of a cluster whose processes were all killed', async () => {
  const trace = tracesOf(cluster.stateDir, names[0]);
  const before = await trace.find();
  expect(before.map((line) => line.split(' ')[0])).toEqual(
    expect.arrayContaining(['process', 'mount', 'link', 'cgroup', 'cni-result', 'container-log', 'shim-socket']),
  );
  for (const identity of ownedBy(cluster.stateDir)) signal(identity, 'SIGKILL');

  await removeCluster(names[0], folders);

  expect(await trace.find()).toEqual([]);
});

async function pushWebImage({ registry = '' }: Cluster): Promise<string> {
  const rootfsDir = mkdtempSync(join(tmpdir(), 'slipway-web-'));
  try {
    await addProgram(rootfsDir, '/bin/busybox');
    for (const command of ['sh', 'httpd', 'nc', 'mkdir']) symlinkSync('busybox', join(rootfsDir, 'bin', command));
    const entrypoint = ['/bin/sh', '-c', 'mkdir /www; printf hello > /www/index.html; exec httpd -f -p 8080 -h /www'];
    const pushed = await pushImage({ registry, name: 'test/web', tag: '1', rootfsDir, entrypoint, ports: [8080] });
    return pushed.reference;
  } finally {
    rmSync(rootfsDir, { recursive: true });
  }
}

const DEPLOYMENT = '/apis/apps/v1/namespaces/default/deployments/web';
const SERVICE = '/api/v1/namespaces/default/services/web';

async function deployWeb(api: KubeApi, image: string): Promise<void> {
  const labels = { app: 'web' };
  const readinessProbe = { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 };
  await api.apply(DEPLOYMENT, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image, readinessProbe }] } },
    },
  });
  await api.apply(SERVICE, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
  });
  await untilReady(api, 2);
  const address = await serviceAddress(api);
  await until(async () => (await http(`http://${address}/`, { timeoutMs: 500 })).status === 200, {
    what: 'kube-proxy to know the Service',
    timeoutMs: 30_000,
  });
}

async function scaleWeb(api: KubeApi, replicas: number): Promise<void> {
  await api.request('PATCH', `${DEPLOYMENT}/scale`, { spec: { replicas } }, 'application/merge-patch+json');
  await untilReady(api, replicas);
}

async function untilReady(api: KubeApi, replicas: number): Promise<void> {
  await until(
    async () => {
      const { status } = await api.request<KubeObject & { status: { readyReplicas?: number } }>('GET', DEPLOYMENT);
      return status.readyReplicas === replicas;
    },
    { what: `${replicas} ready pods`, timeoutMs: 60_000 },
  );
}

async function webPods(api: KubeApi): Promise<Pod[]> {
  const path = '/api/v1/namespaces/default/pods?labelSelector=app%3Dweb';
  return (await api.request<{ items: Pod[] }>('GET', path)).items;
}

async function serviceAddress(api: KubeApi): Promise<string> {
  return (await api.request<KubeObject & { spec: { clusterIP: string } }>('GET', SERVICE)).spec.clusterIP;
}

async function createPod(api: KubeApi, name: string, container: { image: string; command: string[] }): Promise<void> {
  const containers = [{ name, imagePullPolicy: 'Always', ...container }];
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { restartPolicy: 'Never', containers } };
  await api.request('POST', '/api/v1/namespaces/default/pods', pod);
}

function podWhere(api: KubeApi, name: string, condition: (pod: Pod) => boolean): Promise<Pod> {
  return until(
    async () => {
      const pod = await api.request<Pod>('GET', `/api/v1/namespaces/default/pods/${name}`);
      return condition(pod) && pod;
    },
    { what: `pod ${name}`, timeoutMs: 60_000 },
  );
}
