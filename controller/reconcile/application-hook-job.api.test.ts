import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finishPod, PODS } from '../../test/application-pods.ts';
import { ApplicationWorld, CONFIG_MAPS, configMap, isSyncedTo } from '../../test/application-world.ts';
import { eventually } from '../../test/setup/real-cluster.ts';
import type { KubeClient, ResourceInfo } from '../kube/types.ts';

/** Hooks that are real Jobs: their controller, and the one that deletes them when their time is over, are not ours. */
const NAMESPACE = 'app-hook-job';
const JOBS: ResourceInfo = { ...PODS, group: 'batch', kind: 'Job', plural: 'jobs' };

let world: ApplicationWorld;
/** A Job that has ended is read only when it is gone: the worst that a busy controller can come to. */
let slow = false;
const slowly = (real: KubeClient): KubeClient => ({
  ...real,
  get: async (resource, key, options) => {
    const object = await real.get(resource, key, options);
    const { completionTime } = (object['status'] ?? {}) as { completionTime?: string };
    if (!slow || resource.kind !== 'Job' || completionTime === undefined) return object;
    await world.untilObject(JOBS, object.metadata.name, (job) => job === undefined);
    return await real.get(resource, key, options);
  },
});
beforeAll(async () => {
  world = await ApplicationWorld.open(NAMESPACE, { client: slowly });
  await world.start();
});
afterAll(() => world.close());

const job = (name: string, hook: string, spec: object = {}): string =>
  JSON.stringify({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, annotations: { 'argocd.argoproj.io/hook': hook } },
    spec: {
      backoffLimit: 0,
      ...spec,
      template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'migrate:1' }] } },
    },
  });

/** Ends the pod of a Job, as a kubelet would: no node runs pods here. */
async function end(name: string, phase: 'Succeeded' | 'Failed'): Promise<void> {
  await eventually(async () => {
    const { client } = world.cluster;
    const pods = await client.list(PODS, {
      namespace: NAMESPACE,
      labelSelector: `batch.kubernetes.io/job-name=${name}`,
    });
    const running = pods.filter((pod) => (pod['status'] as { phase?: string } | undefined)?.phase === 'Pending');
    expect(running).not.toHaveLength(0);
    for (const { metadata } of running) {
      await finishPod(world, metadata.name, phase);
    }
  });
}

describe('a hook that is a Job', () => {
  it('and is deleted as soon as it has succeeded, has succeeded, also when nobody could read that in time', async () => {
    slow = true;
    const commit = await world.push({
      'ttl/job.json': job('ttl', 'PreSync', { ttlSecondsAfterFinished: 0 }),
      'ttl/a.yaml': configMap('ttl'),
    });
    await world.createApplication({ name: 'ttl', path: 'ttl', automated: { prune: true } });
    await end('ttl', 'Succeeded');
    const application = await world.until(isSyncedTo(commit), 'ttl');
    expect(application.status?.operationState).toMatchObject({ phase: 'Succeeded' });
    expect(application.status?.operationState?.retryCount).toBeUndefined();
    expect(world.writes.filter((write) => write.startsWith('apply jobs'))).toHaveLength(1);
    expect(await world.read(CONFIG_MAPS, 'ttl')).toBeDefined();
    slow = false;
  });

  it.each([
    ['Succeeded', 'has succeeded, and does not run again'],
    ['Failed', 'has failed, and says why'],
  ] as const)('and ended and was deleted while no controller ran: %s, it %s', async (phase, _) => {
    const name = phase.toLowerCase();
    await world.push({
      [`${name}/job.json`]: job(name, 'PreSync', { ttlSecondsAfterFinished: 0 }),
      [`${name}/a.yaml`]: configMap(name),
    });
    await world.createApplication({ name, path: name, automated: {}, syncPolicy: { retry: { limit: 0 } } });
    await world.until(({ status }) => status?.operationState?.hooks?.[0]?.uid !== undefined, name);
    await world.stop();
    await end(name, phase);
    await world.untilObject(JOBS, name, (object) => object === undefined);
    await world.start();
    const application = await world.until(({ status }) => status?.operationState?.phase === phase, name);
    const hook = application.status?.operationState?.hooks?.[0];
    expect(hook?.hookPhase).toBe(phase);
    expect(hook?.message).toMatch(phase === 'Succeeded' ? /^completed, by an Event: / : /backoff limit/);
    expect(world.writes.filter((write) => write === `apply jobs ${NAMESPACE}/${name}`)).toHaveLength(1);
    expect((await world.read(CONFIG_MAPS, name)) !== undefined).toBe(phase === 'Succeeded');
  });
});
