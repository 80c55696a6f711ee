import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { plugin } from '../../test/plugin.ts';
import { connectReal, createNamespace, type RealCluster } from '../../test/setup/real-cluster.ts';
import { EXPERIMENT_RESOURCE } from '../api/generated/experiment.ts';
import { ROLLOUT_RESOURCE, type Rollout, type RolloutStatus } from '../api/generated/rollout.ts';
import { REPLICA_SET_RESOURCE } from './session.ts';

const NAMESPACE = 'cli';
let cluster: RealCluster;

beforeAll(async () => {
  cluster = connectReal();
  await createNamespace(cluster, NAMESPACE);
});
afterAll(() => cluster.close());

const slipway = plugin(NAMESPACE);

/** A Rollout in a given state; no controller runs here. */
async function given(name: string, status: RolloutStatus, annotations: Record<string, string> = {}): Promise<Rollout> {
  const sample: Rollout = parse(readFileSync('crds/samples/rollout.yaml', 'utf8'));
  sample.metadata = { name, namespace: NAMESPACE, annotations };
  const created = await cluster.client.create(ROLLOUT_RESOURCE, sample);
  const withStatus = { ...created, status: { observedGeneration: 1, ...status } };
  return (await cluster.client.update(ROLLOUT_RESOURCE, withStatus, { subresource: 'status' })) as Rollout;
}

async function read(name: string): Promise<Rollout> {
  return (await cluster.client.get(ROLLOUT_RESOURCE, `${NAMESPACE}/${name}`)) as Rollout;
}

async function givenRevision(owner: Rollout, hash: string, revision: number, version: string): Promise<void> {
  const template = parse(readFileSync('crds/samples/rollout.yaml', 'utf8')).spec.template;
  template.metadata.labels['rollouts-pod-template-hash'] = hash;
  template.metadata.annotations = { 'slipway.dev/model': `fraud/${version}` };
  template.spec.containers[0].env = [
    { name: 'MODEL_NAME', value: 'fraud' },
    { name: 'MODEL_VERSION', value: version },
  ];
  const { name, uid } = owner.metadata;
  await cluster.client.create(REPLICA_SET_RESOURCE, {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-${hash}`,
      namespace: NAMESPACE,
      labels: { app: 'fraud', 'rollouts-pod-template-hash': hash },
      annotations: { 'slipway.dev/revision': String(revision) },
      ownerReferences: [{ apiVersion: owner.apiVersion, kind: 'Rollout', name, uid: uid as string, controller: true }],
    },
    spec: { replicas: 0, selector: { matchLabels: template.metadata.labels }, template },
  });
}

const updating: RolloutStatus = { phase: 'Progressing', currentPodHash: 'new', stableRS: 'old', currentStepIndex: 1 };

describe('kubectl slipway', () => {
  it('resumes a pause and leaves the rest of the status alone', async () => {
    await given('paused', {
      ...updating,
      controllerPause: true,
      pauseConditions: [{ reason: 'CanaryPauseStep', startTime: '2026-01-01T00:00:00Z' }],
    });
    expect(await slipway('promote', 'paused')).toMatchObject({ code: 0, out: 'rollout "paused" promoted\n' });
    const { status } = await read('paused');
    expect(status).toMatchObject({ controllerPause: true, currentStepIndex: 1 });
    expect(status?.pauseConditions).toBeUndefined();
  });

  it('aborts and retries', async () => {
    await given('bad', updating);
    expect((await slipway('abort', 'bad')).out).toBe('rollout "bad" aborted\n');
    expect((await read('bad')).status?.abort).toBe(true);
    expect((await slipway('promote', 'bad')).err).toContain('kubectl slipway retry bad');
    expect((await slipway('retry', 'bad')).code).toBe(0);
    expect((await read('bad')).status?.abort).toBe(false);
  });

  it('says that a rollout does not exist, and where it looked', async () => {
    const { code, err } = await slipway('get', 'rollout', 'nobody');
    expect(code).toBe(2);
    expect(err).toBe(
      'error (RolloutNotFound): rollout "nobody" not found in namespace "cli": name another namespace with -n\n',
    );
  });

  it('shows an experiment, and says where it looked for one that does not exist', async () => {
    const sample = parse(readFileSync('crds/samples/experiment.yaml', 'utf8'));
    sample.metadata = { name: 'compare', namespace: NAMESPACE };
    await cluster.client.create(EXPERIMENT_RESOURCE, sample);
    const { code, out } = await slipway('get', 'experiment', 'compare');
    expect(code).toBe(0);
    expect(out).toContain('  baseline:      Progressing, 0 of 1 pods serve');
    expect(out).toMatch(/Σ compare +Experiment +◌ Pending/);
    expect((await slipway('get', 'exp', 'nobody')).err).toBe(
      'error (ExperimentNotFound): experiment "nobody" not found in namespace "cli": name another namespace with -n\n',
    );
  });

  it('exits with 1 for a degraded rollout, 0 for a healthy one, 1 when the time is over', async () => {
    await given('degraded', { phase: 'Degraded', message: 'RolloutAborted: error-rate' });
    await given('healthy', { phase: 'Healthy' });
    await given('waiting', { phase: 'Paused', message: 'CanaryPauseStep' });
    expect(await slipway('status', 'degraded')).toMatchObject({
      code: 1,
      out: 'Degraded - RolloutAborted: error-rate\n',
    });
    expect(await slipway('status', 'healthy')).toMatchObject({ code: 0, out: 'Healthy\n' });
    expect(await slipway('status', 'waiting', '--no-watch')).toMatchObject({
      code: 0,
      out: 'Paused - CanaryPauseStep\n',
    });
    expect(await slipway('status', 'waiting', '--timeout', '300ms')).toMatchObject({ code: 1 });
  });

  it('follows a rollout until it is healthy', async () => {
    const rollout = await given('soon', {
      phase: 'Progressing',
      message: 'updated replicas are still becoming available',
    });
    const followed = slipway('status', 'soon');
    await cluster.client.update(
      ROLLOUT_RESOURCE,
      { ...rollout, status: { observedGeneration: 1, phase: 'Healthy' } },
      { subresource: 'status' },
    );
    const { code, out } = await followed;
    expect(code).toBe(0);
    expect(out.trim().split('\n').at(-1)).toBe('Healthy');
  });

  it('goes back to an earlier revision with its model version, without what was injected', async () => {
    const rollout = await given('undone', { currentPodHash: 'bbb', stableRS: 'bbb' });
    await givenRevision(rollout, 'aaa', 1, '7');
    await givenRevision(rollout, 'bbb', 2, '8');
    expect((await slipway('undo', 'undone')).out).toBe('rollout "undone" undo to revision 1 (model fraud/7)\n');
    const { spec } = await read('undone');
    expect(spec.model?.version).toBe('7');
    expect(spec.template).toMatchObject({
      metadata: { labels: { app: 'fraud' } },
      spec: { containers: [{ name: 'server' }] },
    });
    expect(JSON.stringify(spec.template)).not.toMatch(/MODEL_|slipway\.dev|pod-template-hash/);
    expect((await slipway('undo', 'undone', '--to-revision', '9')).err).toContain('has no revision 9; it has 2, 1');
  });

  it('does not change behind its back what Git manages, unless forced', async () => {
    const tracking = { 'slipway.dev/tracking-id': 'ml_fraud:slipway.dev/Rollout:cli/tracked' };
    const rollout = await given('tracked', { currentPodHash: 'bbb', stableRS: 'bbb' }, tracking);
    await givenRevision(rollout, 'aaa', 1, '7');
    const refused = await slipway('undo', 'tracked');
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('application "ml/fraud": revert the commit in Git (git revert)');
    expect((await read('tracked')).spec.model?.version).toBe('8');
    expect((await slipway('undo', 'tracked', '--force')).code).toBe(0);
    expect((await read('tracked')).spec.model?.version).toBe('7');
  });

  it('shows a rollout with its revisions', async () => {
    const { out, code } = await slipway('get', 'rollout', 'undone');
    expect(code).toBe(0);
    expect(out).toMatch(/Name: +undone/);
    expect(out).toMatch(/# revision:2\n│ {2}└──⧉ undone-bbb +ReplicaSet +• ScaledDown/);
  });
});
