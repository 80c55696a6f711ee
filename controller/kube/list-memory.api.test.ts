import { afterAll, beforeAll, expect, it } from 'vitest';
import { CONFIGMAPS, connectReal, createNamespace, type RealCluster } from '../../test/setup/real-cluster.ts';

const NAMESPACE = 'kube-many';
const COUNT = 5000;
/** The controller manager puts a ConfigMap of its own into every namespace. */
const SCOPE = { namespace: NAMESPACE, labelSelector: 'shard' };
let cluster: RealCluster;
beforeAll(async () => {
  cluster = connectReal();
  await createNamespace(cluster, NAMESPACE);
  const data = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`key-${i}`, 'v'.repeat(200)]));
  const create = async (from: number): Promise<void> => {
    for (let i = from; i < COUNT; i += 32) {
      const metadata = { namespace: NAMESPACE, name: `object-${i}`, labels: { shard: String(i % 10) } };
      await cluster.client.create(CONFIGMAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
    }
  };
  await Promise.all(Array.from({ length: 32 }, (_, i) => create(i)));
  // Thousands of writes take as long as the machine is busy.
}, 600_000);
afterAll(() => cluster.close());

const megabytes = (): string => {
  const { rss, heapUsed } = process.memoryUsage();
  return `rss ${Math.round(rss / 2 ** 20)} MB, heap ${Math.round(heapUsed / 2 ** 20)} MB`;
};

it(`an informer and a paged list hold ${COUNT} objects`, async () => {
  console.log(`before: ${megabytes()}`);
  let started = performance.now();
  const { informer } = cluster.informers.acquire(CONFIGMAPS, SCOPE);
  await informer.waitForSync(new AbortController().signal);
  console.log(`informer, streamed list: ${Math.round(performance.now() - started)} ms, ${megabytes()}`);
  expect(informer.list()).toHaveLength(COUNT);
  started = performance.now();
  expect(await cluster.client.list(CONFIGMAPS, SCOPE)).toHaveLength(COUNT);
  console.log(`paged list: ${Math.round(performance.now() - started)} ms, ${megabytes()}`);
});
