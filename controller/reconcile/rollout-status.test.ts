import { describe, expect, it } from 'vitest';
import type { Rollout, RolloutStatus } from '../api/generated/rollout.ts';
import { KubeError } from '../kube/errors.ts';
import type { KubeClient, KubeObject } from '../kube/types.ts';
import { withoutStalled, withStalled, withWriteBack, writeStatus } from './rollout-status.ts';

const NOW = Date.UTC(2026, 0, 1);
const signal = new AbortController().signal;

function rollout(status?: RolloutStatus, writeBack?: object): Rollout {
  return {
    apiVersion: 'slipway.dev/v1alpha1',
    kind: 'Rollout',
    metadata: { name: 'fraud', namespace: 'ml', resourceVersion: '7', generation: 3 },
    spec: { ...(writeBack === undefined ? {} : { model: { writeBack } }) },
    ...(status === undefined ? {} : { status }),
  } as unknown as Rollout;
}

function client(answer: (object: KubeObject) => KubeObject): { puts: KubeObject[]; client: KubeClient } {
  const puts: KubeObject[] = [];
  const update = async (_: unknown, object: KubeObject): Promise<KubeObject> => {
    puts.push(object);
    return answer(object);
  };
  return { puts, client: { update } as unknown as KubeClient };
}

describe('writing a status', () => {
  it('does not happen when nothing changes, whatever the order of fields', async () => {
    const { puts, client: kube } = client((object) => object);
    const current = rollout({ phase: 'Healthy', replicas: 2 });
    const same = { replicas: 2, phase: 'Healthy', message: undefined } as unknown as RolloutStatus;
    expect(await writeStatus(kube, current, same, signal)).toEqual({ result: 'unchanged' });
    expect(await writeStatus(kube, rollout(), {}, signal)).toEqual({ result: 'unchanged' });
    expect(puts).toEqual([]);
  });

  it('carries the version that was read, and reports a lost race', async () => {
    const { puts, client: kube } = client(() => {
      throw new KubeError('KubeConflict', 'changed', { status: 409, reason: 'Conflict', retryable: true });
    });
    expect(await writeStatus(kube, rollout(), { phase: 'Healthy' }, signal)).toEqual({ result: 'stale' });
    expect(puts[0]).toMatchObject({ metadata: { resourceVersion: '7' }, status: { phase: 'Healthy' } });
  });
});

describe('the condition Stalled', () => {
  it('says why nothing moves, leaves the rest, and goes with the cause', () => {
    const current = rollout({ phase: 'Paused', currentStepIndex: 1 });
    const stalled = withStalled(current, 'WriteRefused', 'forbidden', NOW);
    expect(stalled).toMatchObject({
      phase: 'Paused',
      currentStepIndex: 1,
      conditions: [{ type: 'Stalled', status: 'True', reason: 'WriteRefused', observedGeneration: 3 }],
    });
    expect(withStalled(rollout(stalled), 'WriteRefused', 'forbidden', NOW + 60_000)).toEqual(stalled);
    expect(withoutStalled(stalled)).toEqual({ phase: 'Paused', currentStepIndex: 1, conditions: [] });
  });
});

describe('the condition ModelWriteBack', () => {
  const current = rollout({}, { tags: true });
  const told: RolloutStatus = { model: { writtenBack: { tags: { 'ModelRegistry/mlflow/fraud/8': 'stable' } } } };
  const conditionOf = (status: RolloutStatus) =>
    status.conditions?.map(({ status, message }) => `${status} ${message}`);

  it('is true when everything was told', () => {
    const status = withWriteBack(current, told, { error: undefined, busy: false }, NOW);
    expect(conditionOf(status)).toEqual(['True the registry says what this status says']);
  });

  it('is false with the cause while the registry cannot be told, and stays so until it was', () => {
    const failed = withWriteBack(current, told, { error: 'no route', busy: true }, NOW);
    expect(conditionOf(failed)).toEqual(['False the registry was not told yet, it is tried again: no route']);
    expect(withWriteBack(current, failed, { error: undefined, busy: true }, NOW)).toBe(failed);
  });

  it('is absent when nothing is to be told', () => {
    expect(withWriteBack(rollout(), {}, { error: undefined, busy: false }, NOW)).toEqual({});
    expect(withWriteBack(current, {}, { error: undefined, busy: false }, NOW)).toEqual({});
  });
});
