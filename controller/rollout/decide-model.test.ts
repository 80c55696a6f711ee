import { describe, expect, it } from 'vitest';
import { ROUTED, rolloutSpec, Stage, template } from '../../test/simulate/stage.ts';
import { decideRollout } from './decide.ts';
import type { ModelState, ReplicaSet } from './snapshot.ts';

const identity = (version: string) => ({
  registry: 'ModelRegistry/mlflow',
  name: 'fraud',
  version,
  uri: `s3://models/${version}`,
  createdAt: '2026-01-01T00:00:00.123Z',
});
const resolved = (version: string): ModelState => ({ state: 'resolved', identity: identity(version) });
const DOWN: ModelState = { state: 'unavailable', code: 'RegistryUnreachable', message: 'no connection to mlflow' };
const REFUSED: ModelState = { state: 'refused', code: 'ModelVersionNotReady', message: 'version 8 is PENDING' };

/** A Rollout that serves fraud 7. */
function serving(): Stage {
  const model = { registry: { kind: 'ModelRegistry', name: 'mlflow' }, name: 'fraud', version: '7' } as const;
  const canary = { ...ROUTED, steps: [{ setWeight: 20 }, { pause: {} }] };
  const spec = {
    ...rolloutSpec('unused', 10, canary, { model, rollbackWindow: { revisions: 1 } }),
    template: template('server'),
  };
  const stage = new Stage(spec, decideRollout);
  stage.model = resolved('7');
  stage.run();
  stage.wait(60);
  return stage;
}

function ask(stage: Stage, version: string, answer: ModelState): void {
  stage.cluster.changeSpec((spec) =>
    spec.model === undefined ? spec : { ...spec, model: { ...spec.model, version } },
  );
  stage.model = answer;
  stage.run();
}

/** Wanted pods by model version. */
function pods(stage: Stage): Record<string, number> {
  const sets = stage.cluster.list<ReplicaSet>('replicaSet').filter((rs) => rs.spec.replicas !== 0);
  return Object.fromEntries(sets.map((rs) => [rs.metadata.annotations?.['slipway.dev/model'], rs.spec.replicas]));
}

describe('a model version', () => {
  it('is in the pods and in the status, pinned as it was resolved', () => {
    const stage = serving();
    const [rs] = stage.cluster.list<ReplicaSet>('replicaSet');
    expect(rs?.spec.template.spec?.['containers']).toMatchObject([
      {
        env: [
          { name: 'MODEL_NAME', value: 'fraud' },
          { name: 'MODEL_VERSION', value: '7' },
          { name: 'MODEL_URI', value: 's3://models/7' },
        ],
      },
    ]);
    expect(stage.status.model).toEqual({ summary: 'fraud 7', current: identity('7'), stable: identity('7') });
    expect(stage.condition('ModelResolved')).toMatchObject({ status: 'True', message: 'fraud/7 from s3://models/7' });
  });

  it('is shown with the one under test during an update', () => {
    const stage = serving();
    ask(stage, '8', resolved('8'));
    expect(stage.status.model).toEqual({ summary: 'fraud 7 → 8', current: identity('8'), stable: identity('7') });
    stage.promote();
    expect(stage.status.model).toMatchObject({ summary: 'fraud 8', stable: identity('8') });
  });

  it('that was rejected takes all its steps when it is asked for again, also within the rollback window', () => {
    const stage = serving();
    ask(stage, '8', resolved('8'));
    stage.cluster.patchStatus({ abort: true });
    stage.run();
    stage.wait(60);
    ask(stage, '9', resolved('9'));
    stage.promote();
    stage.wait(60);
    expect(stage.status.model).toMatchObject({ summary: 'fraud 9', rejected: [{ version: '8' }] });
    ask(stage, '8', resolved('8'));
    expect([stage.weight, stage.status.step, stage.status.phase]).toEqual([20, '1/2', 'Paused']);
    stage.cluster.patchStatus({ abort: true });
    stage.run();
    stage.cluster.patchStatus({ abort: false });
    stage.run();
    expect([stage.weight, stage.status.step]).toEqual([20, '1/2']);
  });

  it('that was aborted is remembered with the reason, and not tried again by itself', () => {
    const stage = serving();
    ask(stage, '8', resolved('8'));
    stage.cluster.patchStatus({ abort: true });
    stage.run();
    stage.wait(36_000);
    expect(pods(stage)).toEqual({ 'fraud/7': 10 });
    expect(stage.status.model).toMatchObject({
      summary: 'fraud 7 → 8',
      rejected: [
        {
          name: 'fraud',
          version: '8',
          reason: 'Rollout aborted by request',
          podTemplateHash: stage.status.currentPodHash,
        },
      ],
    });
    ask(stage, '7', resolved('7'));
    expect(stage.status.model).toMatchObject({ summary: 'fraud 7', rejected: [{ version: '8' }] });
    expect(stage.status.phase).toBe('Healthy');
  });

  it('that was aborted is cleared by a retry', () => {
    const stage = serving();
    ask(stage, '8', resolved('8'));
    stage.cluster.patchStatus({ abort: true });
    stage.run();
    stage.cluster.patchStatus({ abort: false });
    stage.run();
    expect(stage.status.model?.rejected).toBeUndefined();
    expect(stage.weight).toBe(20);
  });
});

describe('a registry that does not answer', () => {
  it('keeps only a new version from starting: the old one serves and scales', () => {
    const stage = serving();
    ask(stage, '8', DOWN);
    stage.scale(12);
    stage.run();
    expect(pods(stage)).toEqual({ 'fraud/7': 12 });
    expect(stage.status).toMatchObject({
      phase: 'Progressing',
      message: 'RegistryUnreachable: no connection to mlflow',
    });
    expect(stage.condition('ModelResolved')).toMatchObject({ status: 'False', reason: 'RegistryUnreachable' });
    stage.model = resolved('8');
    stage.run();
    expect(pods(stage)).toEqual({ 'fraud/7': 12, 'fraud/8': 3 });
  });

  it('does not keep from going back', () => {
    const stage = serving();
    ask(stage, '8', resolved('8'));
    ask(stage, '7', DOWN);
    expect(stage.weight).toBe(0);
    expect(stage.status.phase).toBe('Healthy');
    ask(stage, '8', DOWN);
    expect(stage.weight).toBe(20);
  });

  it('does not keep a rollback in the window from happening', () => {
    const stage = serving();
    ask(stage, '8', resolved('8'));
    stage.promote();
    stage.wait(31);
    ask(stage, '7', DOWN);
    expect(stage.status).toMatchObject({ phase: 'Healthy', model: { summary: 'fraud 7' } });
  });

  it('leaves a canary that runs as it is', () => {
    const stage = serving();
    ask(stage, '8', resolved('8'));
    ask(stage, '9', DOWN);
    expect([stage.weight, stage.status.step]).toEqual([20, '1/2']);
    expect(stage.status.model?.summary).toBe('fraud 7 → 8');
    stage.cluster.patchStatus({ abort: true });
    stage.run();
    expect(stage.weight).toBe(0);
    ask(stage, '8', DOWN);
    expect(stage.status).toMatchObject({ phase: 'Degraded', abort: true });
  });
});

describe('a version that the registry refuses', () => {
  it('is not started with another template either, though it is pinned', () => {
    const stage = serving();
    stage.model = { state: 'refused', code: 'ModelVersionChanged', message: 'version 7 was registered anew' };
    stage.cluster.changeSpec((spec) => ({ ...spec, template: template('server:2') }));
    stage.run();
    expect(stage.cluster.list('replicaSet')).toHaveLength(1);
    expect(stage.status).toMatchObject({
      phase: 'Degraded',
      message: 'ModelVersionChanged: version 7 was registered anew',
    });
  });

  it('is not started, and that is said', () => {
    const stage = serving();
    stage.takeReasons();
    ask(stage, '8', REFUSED);
    expect(pods(stage)).toEqual({ 'fraud/7': 10 });
    expect(stage.status).toMatchObject({ phase: 'Degraded', message: 'ModelVersionNotReady: version 8 is PENDING' });
    expect(stage.condition('ModelResolved')).toMatchObject({ status: 'False', reason: 'ModelVersionNotReady' });
    expect(stage.takeReasons()).toEqual(['ModelVersionNotReady']);
  });

  it('goes on serving when it runs already', () => {
    const stage = serving();
    stage.model = { state: 'refused', code: 'ModelVersionChanged', message: 'version 7 was registered anew' };
    stage.scale(11);
    stage.run();
    expect(pods(stage)).toEqual({ 'fraud/7': 11 });
    expect(stage.status.phase).toBe('Healthy');
    expect(stage.condition('ModelResolved')).toMatchObject({
      status: 'False',
      message: 'version 7 was registered anew; what runs goes on with the version as it was resolved',
    });
  });
});

it('says which container is missing', () => {
  const stage = serving();
  stage.cluster.changeSpec((spec) =>
    spec.model === undefined ? spec : { ...spec, model: { ...spec.model, container: 'scorer' } },
  );
  stage.run();
  expect(stage.status.message).toBe('InvalidSpec: spec.model.container: the template has no container "scorer"');
  expect(pods(stage)).toEqual({ 'fraud/7': 10 });
});
