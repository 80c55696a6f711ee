import { describe, expect, it } from 'vitest';
import { idNamed, liveObject, NOW, paired, present } from '../../test/applications.ts';
import type { KubeObject } from '../kube/types.ts';
import { NO_USER_RULES } from './health/user-rules.ts';
import { DEFAULT_OBJECT_OPTIONS } from './object-options.ts';
import type { PairedObject } from './snapshot.ts';
import { type StepView, stepProgress } from './step-progress.ts';

const STEP = { phase: 'Sync', wave: 0 } as const;

function withStatus(kind: string, group: string, status: object, ignoreHealth = false): PairedObject {
  const id = idNamed('x', kind, group);
  const plain = liveObject(id);
  const live: KubeObject = { ...plain, metadata: { ...plain.metadata, generation: 2 }, spec: {}, status };
  const object = paired(id, { state: 'synced' }, present(live));
  return { ...object, desired: { ...object.desired, options: { ...DEFAULT_OBJECT_OPTIONS, ignoreHealth } } };
}

function progress(objects: readonly PairedObject[], changes: Partial<StepView> = {}): ReturnType<typeof stepProgress> {
  const view = {
    step: STEP,
    objects,
    hooks: [],
    records: [],
    rules: NO_USER_RULES,
    more: true,
    startedAt: NOW,
    timeoutMs: 60_000,
  };
  return stepProgress({ ...view, ...changes }, NOW + 1000);
}

const PENDING = withStatus('PersistentVolumeClaim', '', { phase: 'Pending' });
const LOST = withStatus('PersistentVolumeClaim', '', { phase: 'Lost' });

describe('how a step of a sync stands', () => {
  it.each<[string, PairedObject, string]>([
    ['healthy', withStatus('PersistentVolumeClaim', '', { phase: 'Bound' }), 'done'],
    ['of a kind without health', paired(idNamed('a'), { state: 'synced' }), 'done'],
    ['not healthy yet', PENDING, 'waiting'],
    ['Degraded, from which it may recover', LOST, 'waiting'],
    ['left out of the health', withStatus('PersistentVolumeClaim', '', { phase: 'Lost' }, true), 'done'],
    ['not accepted yet', paired(idNamed('a')), 'applying'],
    ['gone again', paired(idNamed('a'), { state: 'synced' }, { state: 'absent' }), 'applying'],
    ['a Rollout that was taken up', withStatus('Rollout', 'slipway.dev', { observedGeneration: 2 }), 'done'],
    ['a Rollout as Argo Rollouts writes it', withStatus('Rollout', 'argoproj.io', { observedGeneration: '2' }), 'done'],
    ['a Rollout of somebody else, by its own health', withStatus('Rollout', 'rollouts.kruise.io', {}), 'done'],
    ['a Rollout that nobody has seen yet', withStatus('Rollout', 'slipway.dev', { observedGeneration: 1 }), 'waiting'],
  ])('an object that is %s', (_, object, state) => {
    expect(progress([object]).state).toBe(state);
  });

  it('when nothing follows, the health does not matter', () => {
    expect(progress([PENDING], { more: false }).state).toBe('done');
  });

  it('objects of earlier waves may flap', () => {
    expect(progress([PENDING], { step: { phase: 'Sync', wave: 1 } }).state).toBe('done');
  });

  it('after its time it has failed, and says what it was waiting for', () => {
    expect(progress([LOST], { timeoutMs: 500 })).toMatchObject({
      state: 'failed',
      reason: 'WaveTimeout',
      message: expect.stringMatching(/^wave 0 took longer than 0.5 s .*PersistentVolumeClaim team\/x/),
    });
  });
});
