import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { BROKEN_ANNOTATION, fakeNodes, PODS } from '../../test/rollouts/fake-nodes.ts';
import {
  condition,
  isHealthy,
  REPLICA_SET,
  ROLLOUT,
  RUN,
  rollout,
  SERVICE,
  selectedHash,
  service,
  template,
} from '../../test/rollouts/fixtures.ts';
import { openWorld, type World } from '../../test/rollouts/world.ts';
import type { Rollout, RolloutSpec, RolloutSpecStrategyBlueGreen } from '../api/generated/rollout.ts';
import { SERVICE_RESOURCE } from '../rollout/resources.ts';
import type { ReplicaSet, Service } from '../rollout/snapshot.ts';

const FRAUD = ROLLOUT('fraud');
const ANALYSIS = { templates: [{ templateName: 'errors' }] };
const ERRORS_TEMPLATE = {
  apiVersion: 'slipway.dev/v1alpha1',
  kind: 'AnalysisTemplate',
  metadata: { name: 'errors' },
  spec: { metrics: [{ name: 'errors', provider: { prometheus: { address: 'http://127.0.0.1:1', query: 'up' } } }] },
};

const isPaused = (r: Rollout): boolean =>
  r.status?.phase === 'Paused' && r.status.observedGeneration === r.metadata.generation;
const isAborted = (r: Rollout): boolean => r.status?.phase === 'Degraded' && r.status.abortedAt !== undefined;

describe('a blue-green Rollout on a real API server', () => {
  let world: World;
  let stopNodes: () => void;
  beforeEach(async () => {
    world = await openWorld(inject('kubeconfig'));
    stopNodes = fakeNodes(world.client, world.informers.acquire(PODS).informer);
    await world.startController();
    for (const name of ['fraud', 'fraud-preview']) await world.create(service(name, 'fraud'));
  });
  afterEach(async () => {
    stopNodes();
    await world.close();
  });

  /** Makes the Rollout and waits for its first version; returns its hash. */
  async function serve(blueGreen: Partial<RolloutSpecStrategyBlueGreen>, spec: Partial<RolloutSpec> = {}) {
    const strategy = { blueGreen: { activeService: 'fraud', previewService: 'fraud-preview', ...blueGreen } };
    await world.create(rollout({ spec: { strategy, ...spec } }));
    const first = await world.see<Rollout>(FRAUD, isHealthy, 'healthy');
    return first.status?.stableRS;
  }
  const change = (image: string, annotations?: Record<string, string>): Promise<unknown> =>
    world.patch(FRAUD, { spec: { template: template('fraud', image, annotations) } });
  const hashes = async (): Promise<[string | undefined, string | undefined]> => {
    const read = (name: string) => world.client.get(SERVICE_RESOURCE, `${world.namespace}/${name}`);
    const [active, preview] = await Promise.all([read('fraud'), read('fraud-preview')]);
    return [selectedHash(active), selectedHash(preview)];
  };
  const scaledTo = (hash: string | undefined, replicas: number): Promise<ReplicaSet> =>
    world.see<ReplicaSet>(REPLICA_SET(`fraud-${hash}`), (rs) => rs.spec.replicas === replicas, `at ${replicas} pods`);

  it('shows a version in the preview, and gives it the requests when somebody promotes', async () => {
    const first = await serve({ autoPromotionEnabled: false, previewReplicaCount: 1, scaleDownDelaySeconds: 2 });
    expect(await hashes()).toEqual([first, first]);
    await change('server:2');
    const paused = await world.see<Rollout>(FRAUD, isPaused, 'paused');
    const second = paused.status?.currentPodHash;
    expect(paused.status).toMatchObject({
      message: 'BlueGreenPause',
      blueGreen: { activeSelector: first, previewSelector: second },
      HPAReplicas: 2,
    });
    expect(await hashes()).toEqual([first, second]);
    await scaledTo(second, 1);

    await world.patch(FRAUD, { status: { pauseConditions: null } }, 'status');
    const done = await world.see<Rollout>(FRAUD, (r) => isHealthy(r) && r.status?.stableRS === second, 'promoted');
    expect(done.status?.blueGreen).toMatchObject({ activeSelector: second, previewSelector: second });
    expect(done.status?.selector).toContain(second);
    expect(await hashes()).toEqual([second, second]);
    await scaledTo(second, 2);
    await scaledTo(first, 0);
    await world.seeEvent('Normal', 'RolloutPaused', 'BlueGreenPause');
    await world.seeEvent('Normal', 'SwitchService', 'Switched selector of Service fraud from');
  });

  it('goes back at once while the old pods are there', async () => {
    const first = await serve({ autoPromotionEnabled: false, scaleDownDelaySeconds: 600 });
    await change('server:2');
    await world.see<Rollout>(FRAUD, isPaused, 'paused');
    await world.patch(FRAUD, { status: { promoteFull: true } }, 'status');
    await world.see<Rollout>(FRAUD, (r) => isHealthy(r) && r.status?.stableRS !== first, 'promoted');
    await change('server:1');
    const back = await world.see<Rollout>(FRAUD, (r) => isHealthy(r) && r.status?.stableRS === first, 'back');
    expect(back.status?.pauseConditions).toBeUndefined();
    expect(await hashes()).toEqual([first, first]);
    await world.seeEvent('Normal', 'SkipSteps', 'whose pods are still there');
  });

  it('measures before and after the promotion, and takes the requests back after a bad verdict', async () => {
    await world.create(ERRORS_TEMPLATE);
    const first = await serve({ prePromotionAnalysis: ANALYSIS, postPromotionAnalysis: ANALYSIS });
    await change('server:2');
    const measured = (when: 'pre' | 'post') =>
      world.see<Rollout>(
        FRAUD,
        (r) => r.status?.blueGreen?.[`${when}PromotionAnalysisRunStatus`]?.status === 'Pending',
        `in the ${when}-promotion analysis`,
      );
    const before = (await measured('pre')).status;
    const second = before?.currentPodHash;
    expect(await hashes()).toEqual([first, second]);
    await world.patch(
      RUN(before?.blueGreen?.prePromotionAnalysisRunStatus?.name ?? ''),
      { status: { phase: 'Successful' } },
      'status',
    );
    const after = (await measured('post')).status;
    expect([await hashes(), after?.stableRS]).toEqual([[second, second], first]);
    await world.patch(
      RUN(after?.blueGreen?.postPromotionAnalysisRunStatus?.name ?? ''),
      { status: { phase: 'Failed', message: 'errors: 0.4 > 0.01' } },
      'status',
    );
    const aborted = await world.see<Rollout>(FRAUD, isAborted, 'aborted');
    expect(aborted.status?.abortMessage).toContain('errors: 0.4 > 0.01');
    await world.see<Service>(SERVICE('fraud'), (one) => selectedHash(one) === first, 'on the first version again');
  });

  it('leaves the requests where they are while a version does not come up', async () => {
    const first = await serve(
      { abortScaleDownDelaySeconds: 1 },
      { progressDeadlineSeconds: 2, progressDeadlineAbort: true },
    );
    await change('server:2', { [BROKEN_ANNOTATION]: 'true' });
    const aborted = await world.see<Rollout>(FRAUD, isAborted, 'aborted');
    expect(await hashes()).toEqual([first, first]);
    await scaledTo(aborted.status?.currentPodHash, 0);
  });

  it('is refused or said to be invalid when it cannot be acted on', async () => {
    const blueGreen = { activeService: 'fraud', previewService: 'fraud' };
    await expect(world.create(rollout({ spec: { strategy: { blueGreen } } }))).rejects.toThrow(/must be two Services/);
    const both = { blueGreen: { activeService: 'fraud' }, canary: {} };
    await expect(world.create(rollout({ spec: { strategy: both } }))).rejects.toThrow(
      /exactly one of canary, blueGreen/,
    );
    await world.create(rollout({ spec: { strategy: { blueGreen: { activeService: 'nowhere' } } } }));
    const invalid = await world.see<Rollout>(FRAUD, (r) => r.status?.phase === 'Degraded', 'invalid');
    expect(condition(invalid, 'InvalidSpec')?.message).toContain(
      'spec.strategy.blueGreen.activeService: Service "nowhere" does not exist',
    );
  });

  it('does not take a Service from the Rollout that has it', async () => {
    const first = await serve({});
    const other = rollout({ name: 'other', spec: { strategy: { blueGreen: { activeService: 'fraud' } } } });
    await world.create(other);
    const invalid = await world.see<Rollout>(ROLLOUT('other'), (r) => r.status?.phase === 'Degraded', 'invalid');
    expect(condition(invalid, 'InvalidSpec')?.message).toContain('Service "fraud" is managed by Rollout "fraud"');
    await change('server:2');
    await world.see<Rollout>(FRAUD, (r) => isHealthy(r) && r.status?.stableRS !== first, 'on the second version');
  });
});
