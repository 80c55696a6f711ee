import { describe, expect, it } from 'vitest';
import { rolloutSpec, Stage, template } from '../../test/simulate/stage.ts';
import type { Rollout } from '../api/generated/rollout.ts';
import type { KubeObject } from '../kube/types.ts';
import { decideRollout } from './decide.ts';
import type { RolloutDecision } from './decision.ts';
import type { WorkloadState } from './snapshot.ts';
import { resolveWorkload, workloadReference } from './workload.ts';

function rollout(kind: string, more: object = {}): Rollout {
  return {
    apiVersion: 'slipway.dev/v1alpha1',
    kind: 'Rollout',
    metadata: { name: 'fraud', namespace: 'ml' },
    spec: {
      replicas: 3,
      workloadRef: { apiVersion: kind === 'PodTemplate' ? 'v1' : 'apps/v1', kind, name: 'old' },
      strategy: { canary: {} },
      ...more,
    } as unknown as Rollout['spec'],
  };
}

const labelled = (labels: Record<string, string>) => ({
  metadata: { labels },
  spec: { containers: [{ name: 'server', image: 'v1' }] },
});
const deployment: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'old', generation: 7, resourceVersion: '42' },
  spec: { replicas: 5, selector: { matchLabels: { app: 'fraud' } }, template: labelled({ app: 'fraud' }) },
};

describe('the template of another workload', () => {
  it('and its selector are those of a Deployment', () => {
    const resolved = resolveWorkload(rollout('Deployment'), deployment);
    expect(resolved.rollout.spec).toMatchObject({
      selector: { matchLabels: { app: 'fraud' } },
      template: labelled({ app: 'fraud' }),
    });
    expect(resolved.workload).toEqual({
      state: 'found',
      kind: 'Deployment',
      name: 'old',
      generation: 7,
      resourceVersion: '42',
      replicas: 5,
    });
  });

  it('is the same object at each look, so that its hash is taken once', () => {
    const [one, other] = [1, 2].map(() => resolveWorkload(rollout('Deployment'), deployment).rollout.spec.template);
    expect(one).toBe(other);
  });

  it('keeps the selector that the Rollout has itself', () => {
    const selector = { matchLabels: { app: 'fraud', tier: 'x' } };
    expect(resolveWorkload(rollout('Deployment', { selector }), deployment).rollout.spec.selector).toBe(selector);
  });

  it('of a ReplicaSet comes without what marks it as that of a Deployment', () => {
    const labels = { app: 'fraud', 'pod-template-hash': 'abc' };
    const set = {
      ...deployment,
      kind: 'ReplicaSet',
      spec: { selector: { matchLabels: labels }, template: labelled(labels) },
    };
    expect(resolveWorkload(rollout('ReplicaSet'), set).rollout.spec).toMatchObject({
      selector: { matchLabels: { app: 'fraud' } },
      template: { metadata: { labels: { app: 'fraud' } } },
    });
    expect(resolveWorkload(rollout('ReplicaSet'), set).rollout.spec.selector?.matchLabels).toEqual({ app: 'fraud' });
  });

  it('of a PodTemplate selects by its labels', () => {
    const { spec: _, ...bare } = deployment;
    const pods = { ...bare, kind: 'PodTemplate', template: labelled({ app: 'fraud', tier: 'x' }) };
    expect(resolveWorkload(rollout('PodTemplate'), pods).rollout.spec).toMatchObject({
      selector: { matchLabels: { app: 'fraud', tier: 'x' } },
      template: labelled({ app: 'fraud', tier: 'x' }),
    });
  });

  it.each([undefined, 7, {}, { kind: 'Job', name: 'x' }, { kind: 'Deployment' }, { kind: 'Deployment', name: '' }])(
    'is not looked for where %j stands',
    (workloadRef) => {
      expect(workloadReference(rollout('Deployment', { workloadRef }))).toBeUndefined();
    },
  );

  it('that is not there stops the start of a version, and nothing that runs', () => {
    const { decision, stage } = decided('never', { state: 'missing', kind: 'Deployment', name: 'old' });
    expect(decision.status.conditions?.find(({ type }) => type === 'InvalidSpec')?.message).toBe(
      'spec.workloadRef: Deployment "old" does not exist: create it or correct the name',
    );
    expect([decision.commands, stage.pods]).toEqual([[], { v1: 3 }]);
  });

  it('is named when it does not fit', () => {
    const found: WorkloadState = {
      state: 'found',
      kind: 'Deployment',
      name: 'old',
      generation: 1,
      resourceVersion: '1',
      replicas: 0,
    };
    const { decision } = decided('never', found, { selector: { matchLabels: { app: 'other' } } });
    expect(decision.status.message).toContain('does not match the labels in the template of Deployment "old"');
    expect(decision.status.workloadObservedGeneration).toBe(1);
  });
});

/** The decision about a Rollout that serves with three pods and refers to a Deployment. */
function decided(
  scaleDown: string,
  workload: WorkloadState,
  more: object = {},
  run: (stage: Stage) => void = (stage) => stage.run(),
): { decision: RolloutDecision; stage: Stage } {
  const stage = new Stage(rolloutSpec('v1', 3, {}), decideRollout);
  run(stage);
  stage.reconciler.deliverAll();
  const snapshot = stage.reconciler.snapshot();
  const reference = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'old', scaleDown };
  const own = { ...snapshot.rollout.spec, workloadRef: reference, ...more } as unknown as Rollout['spec'];
  const { template: _, ...without } = own;
  const spec = (workload.state === 'missing' ? without : { ...own, template: template('v1') }) as Rollout['spec'];
  return {
    decision: decideRollout({ ...snapshot, workload, rollout: { ...snapshot.rollout, spec } }, stage.cluster.now),
    stage,
  };
}

describe('the pods of the Deployment', () => {
  const found = (replicas: number): WorkloadState => ({
    state: 'found',
    kind: 'Deployment',
    name: 'old',
    generation: 1,
    resourceVersion: '42',
    replicas,
  });
  /** Two of three pods serve, and the controller knows. */
  const twoServe = (stage: Stage): void => {
    stage.decide();
    const name = `fraud-${stage.status.currentPodHash}`;
    stage.world.syncReplicaSet(name);
    for (let i = 0; i < 2; i += 1) stage.world.becomeReady(name);
    stage.world.syncReplicaSet(name);
    stage.decide();
  };
  const to = (replicas: number) => [{ type: 'scaleDeployment', name: 'old', resourceVersion: '42', replicas }];

  it.each<[string, string, number, ((stage: Stage) => void) | undefined, unknown[]]>([
    ['stay with never', 'never', 5, undefined, []],
    ['go when the Rollout is healthy', 'onsuccess', 5, undefined, to(0)],
    ['are taken again when somebody scaled it up', 'progressively', 2, undefined, to(0)],
    ['stay until then', 'onsuccess', 5, twoServe, []],
    ['go one by one as others serve', 'progressively', 3, twoServe, to(1)],
    ['are never made again', 'progressively', 1, twoServe, []],
    ['are gone', 'onsuccess', 0, undefined, []],
  ])('%s', (_what, scaleDown, replicas, run, commands) => {
    expect(decided(scaleDown, found(replicas), {}, run).decision.commands).toEqual(commands);
  });

  it('stay while the Rollout is to have none', () => {
    const { decision } = decided('onsuccess', found(5), { replicas: 0 }, (stage) => {
      stage.scale(0);
      stage.run();
    });
    expect([decision.status.phase, decision.commands]).toEqual(['Healthy', []]);
  });
});
