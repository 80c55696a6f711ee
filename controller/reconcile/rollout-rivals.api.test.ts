import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { fakeNodes, PODS } from '../../test/rollouts/fake-nodes.ts';
import {
  condition,
  isHealthy,
  REPLICA_SET,
  ROLLOUT,
  rollout,
  service,
  template,
} from '../../test/rollouts/fixtures.ts';
import { openWorld, type World } from '../../test/rollouts/world.ts';
import type { Rollout } from '../api/generated/rollout.ts';
import type { KubeClient, ResourceInfo } from '../kube/types.ts';
import type { ReplicaSet } from '../rollout/snapshot.ts';

const invalid =
  (text: string) =>
  (r: Rollout): boolean =>
    condition(r, 'InvalidSpec')?.message.includes(text) === true && r.status?.phase === 'Degraded';

describe('a Rollout that cannot be acted on', () => {
  let world: World;
  const requests: string[] = [];
  /** Notes which object each request of the controller is about. */
  function noting(client: KubeClient): KubeClient {
    return new Proxy(client, {
      get: (target, verb: keyof KubeClient) => {
        const method = target[verb] as (...args: unknown[]) => unknown;
        if (typeof method !== 'function') return method;
        return (resource: ResourceInfo, about: unknown, ...rest: unknown[]) => {
          requests.push(
            `${String(verb)} ${resource.kind} ${typeof about === 'string' ? about : JSON.stringify(about)}`,
          );
          return method.call(target, resource, about, ...rest);
        };
      },
    });
  }

  beforeEach(async () => {
    requests.length = 0;
    world = await openWorld(inject('kubeconfig'));
    fakeNodes(world.client, world.informers.acquire(PODS).informer);
    await world.startController({ wrap: noting });
  });
  afterEach(() => world.close());

  /** Names of the Rollouts by age; two of the same second have an order, too. */
  async function byAge(): Promise<[string, string]> {
    const age = ({ metadata }: Rollout): string => `${metadata.creationTimestamp} ${metadata.uid}`;
    const rollouts = (await world.list<Rollout>(ROLLOUT(''))).sort((a, b) => (age(a) < age(b) ? -1 : 1));
    return [rollouts[0]?.metadata.name ?? '', rollouts[1]?.metadata.name ?? ''];
  }

  it('for it wants the pods of another one: the older keeps them, and the newer goes on when that is gone', async () => {
    const { selector, template: pods } = rollout({ routed: false }).spec;
    for (const name of ['one', 'two']) {
      const made = rollout({ name, routed: false });
      await world.create({ ...made, spec: { ...made.spec, selector, template: pods } as Rollout['spec'] });
    }
    const [older, newer] = await byAge();
    await world.see<Rollout>(ROLLOUT(older), isHealthy, 'healthy');
    const message = `spec.selector: selects the pods of Rollout "${older}", which was there first: give each Rollout labels of its own`;
    await world.see<Rollout>(ROLLOUT(newer), invalid(message), 'invalid');
    await world.seeEvent('Warning', 'InvalidSpec', message);
    await world.patch(ROLLOUT(older), { spec: { template: template('fraud', 'server:2') } });
    await world.see<Rollout>(ROLLOUT(older), isHealthy, 'healthy again');
    await world.remove(ROLLOUT(older));
    await world.see<Rollout>(ROLLOUT(newer), isHealthy, 'healthy');
  });

  it('for it wants a Service of another one, and both come at once: the older has it', async () => {
    const sharing = (name: string): Rollout => {
      const made = rollout({ name, routed: false });
      const spec = { ...made.spec, strategy: { canary: { stableService: 'shared' } } };
      const labels = { app: name, tier: 'web' };
      const { spec: pod } = template(name, 'server:1') as { spec: object };
      return { ...made, spec: { ...spec, template: { metadata: { labels }, spec: pod } } };
    };
    await world.create(sharing('one'));
    await world.create(sharing('two'));
    await world.create({ ...service('shared', 'x'), spec: { selector: { tier: 'web' }, ports: [{ port: 80 }] } });
    const [older, newer] = await byAge();
    await world.see<Rollout>(ROLLOUT(older), isHealthy, 'healthy');
    const message = `spec.strategy.canary.stableService: Service "shared" is`;
    await world.see<Rollout>(ROLLOUT(newer), invalid(message), 'invalid');
    await world.remove(ROLLOUT(older));
    await world.see<Rollout>(ROLLOUT(newer), isHealthy, 'healthy when the Service is free');
  });

  it('for it wants the workload of another one', async () => {
    await world.create({
      apiVersion: 'v1',
      kind: 'PodTemplate',
      metadata: { name: 'pods' },
      template: template('pods', 'server:1'),
    });
    const referring = (name: string): Rollout => {
      const { selector: _, template: __, ...spec } = rollout({ name, routed: false }).spec;
      return {
        ...rollout({ name }),
        spec: { ...spec, workloadRef: { apiVersion: 'v1', kind: 'PodTemplate', name: 'pods' } },
      };
    };
    await world.create(referring('one'));
    await world.create(referring('two'));
    const [older, newer] = await byAge();
    await world.see<Rollout>(ROLLOUT(older), isHealthy, 'healthy');
    const message = `spec.workloadRef: PodTemplate "pods" is used by Rollout "${older}", which was there first`;
    await world.see<Rollout>(ROLLOUT(newer), invalid(message), 'invalid');
  });

  it('costs nothing once it is said, and its neighbours do not notice', async () => {
    const two = [
      { name: 'server', image: 'a' },
      { name: 'server', image: 'b' },
    ];
    const memory = { limits: { memory: '1 Gig' } };
    const spec = (containers: object[], app: string) => ({ metadata: { labels: { app } }, spec: { containers } });
    const none = [{ analysis: { templates: [{ templateName: 'none' }] } }];
    const bad: Record<string, Partial<Rollout['spec']>> = {
      'bad-names': { template: spec(two, 'bad-names') },
      'bad-quantity': { template: spec([{ name: 'c', image: 'i', resources: memory }], 'bad-quantity') },
      'bad-labels': { template: spec([{ name: 'c', image: 'i' }], 'others') },
      'bad-service': { strategy: { blueGreen: { activeService: 'none' } } },
      'bad-steps': { strategy: { canary: { steps: [{ setWeight: 50 }, ...none] } } },
      'bad-duration': { strategy: { canary: { steps: [{ pause: { duration: 'a while' } }] } } },
    };
    await world.create(service('shared', 'good'));
    await world.create(rollout({ name: 'good', routed: false }));
    await world.see<Rollout>(ROLLOUT('good'), isHealthy, 'healthy');
    for (const [name, change] of Object.entries(bad))
      await world.create(rollout({ name, routed: false, spec: change }));
    for (const name of Object.keys(bad)) await world.see<Rollout>(ROLLOUT(name), invalid('spec.'), 'invalid');
    const told = await world.list<Rollout>(ROLLOUT(''));

    requests.length = 0;
    await world.patch(ROLLOUT('good'), { spec: { template: template('good', 'server:2') } });
    const updated = (rs: ReplicaSet): boolean => rs.status?.availableReplicas === 2;
    const seen = await world.see<Rollout>(
      ROLLOUT('good'),
      (r) => isHealthy(r) && r.status?.observedGeneration === 2,
      'updated',
    );
    await world.see<ReplicaSet>(REPLICA_SET(`good-${seen.status?.stableRS}`), updated, 'serving');
    // A template that the API server refuses is shown to it again after 10 s, no sooner; that may be just now.
    const about = requests.filter((request) => request.includes('bad-'));
    expect(about.filter((request) => !request.startsWith('create ReplicaSet'))).toEqual([]);
    expect(about.length).toBeLessThanOrEqual(2);
    const versions = (rollouts: Rollout[]) =>
      rollouts.filter(({ metadata }) => metadata.name !== 'good').map(({ metadata }) => metadata.resourceVersion);
    expect(versions(await world.list<Rollout>(ROLLOUT('')))).toEqual(versions(told));
  });
});
