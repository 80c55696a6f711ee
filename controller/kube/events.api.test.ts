import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  CONFIGMAPS,
  connectReal,
  createNamespace,
  NAMESPACES,
  type RealCluster,
} from '../../test/setup/real-cluster.ts';
import { systemClock } from '../platform/clock.ts';
import { silentLogger } from '../platform/logger.ts';
import { ApiEventRecorder } from './events.ts';

const NAMESPACE = 'kube-events';
const EVENTS = { ...CONFIGMAPS, kind: 'Event', plural: 'events' };
let cluster: RealCluster;
beforeAll(async () => {
  cluster = connectReal();
  await createNamespace(cluster, NAMESPACE);
});
afterAll(() => cluster.close());

it('the API server accepts events, counts repeats, and finds them by their object', async () => {
  const { client, metrics } = cluster;
  const signal = new AbortController().signal;
  const recorder = new ApiEventRecorder({ client, clock: systemClock, logger: silentLogger, metrics, signal });
  const metadata = { namespace: NAMESPACE, name: 'subject' };
  const object = await client.create(CONFIGMAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
  recorder.event(object, 'Warning', 'RolloutAborted', 'x'.repeat(3000));
  await recorder.flush();
  recorder.event(object, 'Warning', 'RolloutAborted', 'x'.repeat(3000));
  recorder.event(await client.get(NAMESPACES, NAMESPACE), 'Normal', 'OfTheCluster', 'scoped');
  await recorder.flush();
  const found = await client.list(EVENTS, {
    namespace: NAMESPACE,
    fieldSelector: `involvedObject.uid=${object.metadata.uid}`,
  });
  expect(found).toHaveLength(1);
  expect(found[0]).toMatchObject({
    type: 'Warning',
    reason: 'RolloutAborted',
    count: 2,
    source: { component: 'slipway' },
  });
  const scoped = await client.list(EVENTS, { namespace: 'default', fieldSelector: 'reason=OfTheCluster' });
  expect(scoped).toHaveLength(1);
});
