import { afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { installGatewayApi } from '../../e2e/cluster/services/traefik.ts';
import { fakeNodes, PODS } from '../../test/rollouts/fake-nodes.ts';
import {
  condition,
  httpRoute,
  isHealthy,
  isPausedAt,
  REPLICA_SET,
  ROLLOUT,
  ROUTE,
  rollout,
  routing,
  SERVICE,
  selectedHash,
  service,
  template,
  weightOf,
} from '../../test/rollouts/fixtures.ts';
import { openWorld, type World } from '../../test/rollouts/world.ts';
import type { Rollout } from '../api/generated/rollout.ts';
import type { ReplicaSet } from '../rollout/snapshot.ts';
import type { HttpRoute } from '../traffic/gateway-api.ts';

const FRAUD = ROLLOUT('fraud');

describe('a Rollout that does not make sense', () => {
  let world: World;

  beforeAll(() => installGatewayApi(inject('kubeconfig')));
  beforeEach(async () => {
    world = await openWorld(inject('kubeconfig'));
    fakeNodes(world.client, world.informers.acquire(PODS).informer);
    await world.startRouter();
    await world.startController();
  });
  afterEach(() => world.close());

  /** The message of the InvalidSpec condition, as soon as it names `what` and an Event says the same. */
  const seeInvalid = async (what: string, name = 'fraud'): Promise<string> => {
    const names = (r: Rollout): boolean => {
      const invalid = condition(r, 'InvalidSpec');
      return invalid?.status === 'True' && invalid.message.includes(what);
    };
    const seen = await world.see<Rollout>(ROLLOUT(name), names, `with InvalidSpec about ${what}`);
    expect(seen.status?.phase).toBe('Degraded');
    const message = condition(seen, 'InvalidSpec')?.message ?? '';
    await world.seeEvent('Warning', 'InvalidSpec', message);
    return message;
  };

  it('names the missing Service, then the missing HTTPRoute, and starts when they are there', async () => {
    await world.create(rollout());
    expect(await seeInvalid('fraud-canary')).toContain('spec.strategy.canary');
    await world.create(service('fraud-canary', 'fraud'));
    await world.create(service('fraud-stable', 'fraud'));
    await seeInvalid('HTTPRoute');
    expect(await world.list(REPLICA_SET(''))).toEqual([]);
    await world.create(httpRoute('fraud'));
    const healthy = await world.see<Rollout>(FRAUD, isHealthy, 'healthy');
    expect(condition(healthy, 'InvalidSpec')?.status ?? 'False').toBe('False');
  });

  it('leaves what runs alone when a Service goes away, and goes on when it is back', async () => {
    for (const object of routing()) await world.create(object);
    await world.create(rollout({ steps: [{ setWeight: 10 }, { pause: {} }] }));
    await world.see<Rollout>(FRAUD, isHealthy, 'healthy');
    await world.remove(SERVICE('fraud-canary'));
    await seeInvalid('fraud-canary');
    await world.patch(FRAUD, { spec: { template: template('fraud', 'server:2') } });
    await world.see<Rollout>(FRAUD, (r) => r.status?.observedGeneration === r.metadata.generation, 'observed');
    expect((await world.list<ReplicaSet>(REPLICA_SET(''))).map((rs) => rs.spec.replicas)).toEqual([2]);
    await world.create(service('fraud-canary', 'fraud'));
    await world.see<Rollout>(FRAUD, isPausedAt(1), 'paused at 10 %');
  });

  it('leaves weights and pods alone when the HTTPRoute goes away in the middle, and goes on when it is back', async () => {
    for (const object of routing()) await world.create(object);
    await world.create(rollout({ steps: [{ setWeight: 50 }, { pause: {} }] }));
    await world.see<Rollout>(FRAUD, isHealthy, 'healthy');
    await world.patch(FRAUD, { spec: { template: template('fraud', 'server:2') } });
    await world.see<Rollout>(FRAUD, isPausedAt(1), 'paused at 50 %');
    const state = async (): Promise<unknown> => [
      (await world.list<ReplicaSet>(REPLICA_SET(''))).map(({ metadata, spec }) => [metadata.name, spec.replicas]),
      (await world.list(SERVICE(''))).map(selectedHash),
    ];
    const before = await state();
    await world.remove(ROUTE('fraud'));
    expect(await seeInvalid('HTTPRoute')).toContain('spec.strategy.canary.trafficRouting');
    expect(await state()).toEqual(before);
    await world.create(httpRoute('fraud'));
    await world.see<HttpRoute>(ROUTE('fraud'), (route) => weightOf(route) === 50, 'at 50 % again');
    await world.see<Rollout>(FRAUD, isPausedAt(1), 'still paused at 50 %');
    expect(await state()).toEqual(before);
  });

  it('names a missing AnalysisTemplate and goes on when it is there', async () => {
    const steps = [{ setWeight: 50 }, { analysis: { templates: [{ templateName: 'errors' }] } }];
    await world.create(rollout({ routed: false, steps }));
    expect(await seeInvalid('errors')).toContain('spec.strategy.canary.steps[1]');
    await world.create({
      apiVersion: 'slipway.dev/v1alpha1',
      kind: 'AnalysisTemplate',
      metadata: { name: 'errors' },
      spec: { metrics: [{ name: 'errors', provider: { prometheus: { address: 'http://127.0.0.1:1', query: 'up' } } }] },
    });
    await world.see<Rollout>(FRAUD, isHealthy, 'healthy');
  });

  it('names the path of a bad quantity and of a duplicate name, while its neighbour goes on', async () => {
    const containers = [{ name: 'server', image: 'server:1', resources: { limits: { memory: '1 Gig' } } }];
    const bad = rollout({ name: 'quantity', routed: false });
    await world.create({ ...bad, spec: { ...bad.spec, template: { ...bad.spec.template, spec: { containers } } } });
    const twice = rollout({ name: 'twice', routed: false });
    const two = {
      containers: [
        { name: 'server', image: 'a' },
        { name: 'server', image: 'b' },
      ],
    };
    await world.create({ ...twice, spec: { ...twice.spec, template: { ...twice.spec.template, spec: two } } });
    await world.create(rollout({ name: 'neighbour', routed: false }));

    await world.see<Rollout>(ROLLOUT('neighbour'), isHealthy, 'healthy');
    expect(await seeInvalid('is not a quantity', 'quantity')).toContain(
      'spec.template.spec.containers[0].resources.limits.memory',
    );
    expect(await seeInvalid('Duplicate value', 'twice')).toContain('spec.template.spec.containers[1].name');

    await world.patch(ROLLOUT('quantity'), { spec: { template: template('quantity', 'server:1') } });
    await world.see<Rollout>(ROLLOUT('quantity'), isHealthy, 'healthy once it makes sense');
  });

  it('reads a status that an older version or a person has left as far as it makes sense', async () => {
    await world.create(rollout({ routed: false, steps: [{ setWeight: 50 }, { pause: {} }] }));
    const { status } = await world.see<Rollout>(FRAUD, isHealthy, 'healthy');
    const odd = {
      phase: 'Paused',
      currentStepIndex: 99,
      currentStepHash: 'other',
      stableRS: 'gone',
      currentPodHash: 'gone',
      collisionCount: 7,
      canary: null,
      conditions: [
        {
          type: 'Old',
          status: 'True',
          reason: 'FromAnOldVersion',
          message: '',
          lastTransitionTime: '2020-01-01T00:00:00Z',
        },
      ],
    };
    await world.patch(FRAUD, { status: odd }, 'status');
    const healed = await world.see<Rollout>(
      FRAUD,
      (r) => isHealthy(r) && r.status?.stableRS === status?.stableRS,
      'healthy on the version that runs',
    );
    expect(healed.status?.currentStepIndex).toBe(2);
    expect((await world.list<ReplicaSet>(REPLICA_SET(''))).map((rs) => rs.spec.replicas)).toEqual([2]);
  });

  it('does not take a ReplicaSet of somebody else that has the name it needs', async () => {
    await world.create(rollout({ routed: false }));
    const { status } = await world.see<Rollout>(FRAUD, isHealthy, 'healthy');
    const name = `fraud-${status?.stableRS}`;
    const own = await world.see<ReplicaSet>(REPLICA_SET(name), () => true, 'there');
    await world.patch(REPLICA_SET(name), { metadata: { ownerReferences: null } });
    const again = await world.see<Rollout>(
      FRAUD,
      (r) => isHealthy(r) && r.status?.stableRS !== status?.stableRS,
      'healthy on a ReplicaSet of its own',
    );
    expect(again.status?.collisionCount ?? 1).toBeGreaterThan(0);
    const foreign = await world.see<ReplicaSet>(REPLICA_SET(name), () => true, 'left alone');
    expect(foreign.metadata.uid).toBe(own.metadata.uid);
    expect(foreign.spec.replicas).toBe(2);
  });

  it('says that the router object cannot be used when no rule has both Services', async () => {
    for (const object of routing()) await world.create(object);
    await world.patch(ROUTE('fraud'), { spec: { rules: [{ backendRefs: [{ name: 'fraud-stable', port: 80 }] }] } });
    await world.create(rollout());
    expect(await seeInvalid('no rule has both Services')).toContain('fraud-canary and fraud-stable');
    await world.patch(ROUTE('fraud'), { spec: httpRoute('fraud').spec });
    await world.see<Rollout>(FRAUD, isHealthy, 'healthy');
  });
});
