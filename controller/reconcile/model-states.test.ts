import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Rollout, RolloutStatusModelCurrent } from '../api/generated/rollout.ts';
import { silentLogger } from '../platform/logger.ts';
import { ManualClock } from '../platform/manual-clock.ts';
import { RegistryError } from '../registry/errors.ts';
import type { ModelRegistryClient, ModelVersion } from '../registry/port.ts';
import { ModelStates } from './model-states.ts';

const KEY = 'ml/fraud';
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function rollout(version: string, current?: RolloutStatusModelCurrent): Rollout {
  return {
    metadata: { name: 'fraud', namespace: 'ml' },
    spec: { model: { registry: { kind: 'ModelRegistry', name: 'mlflow' }, name: 'fraud', version } },
    ...(current === undefined ? {} : { status: { model: { current } } }),
  } as unknown as Rollout;
}

const version = (number: string, source = 's3://1'): ModelVersion => ({
  name: 'fraud',
  version: number,
  uri: `models:/fraud/${number}`,
  source,
  tags: {},
  aliases: [],
});

describe('what is known of model versions', () => {
  let clock: ManualClock;
  let answer: () => Promise<ModelVersion>;
  let asked: string[];
  let told: string[];
  let states: ModelStates;

  beforeEach(() => {
    clock = new ManualClock();
    asked = [];
    told = [];
    answer = async () => version('8');
    const client = {
      getVersion: (_name: string, wanted: string) => {
        asked.push(wanted);
        return answer();
      },
    } as unknown as ModelRegistryClient;
    states = new ModelStates({
      registries: { connect: async () => client, pollIntervalMs: () => 30_000 },
      clock,
      random: () => 1,
      logger: silentLogger,
      onAnswer: (key) => told.push(key),
    });
  });
  afterEach(() => states.stop());

  it('is pending until the registry answers, and then wakes the Rollout once', async () => {
    expect(states.stateOf(KEY, rollout('8'))).toEqual({ state: 'pending' });
    expect(states.stateOf(KEY, rollout('8'))).toEqual({ state: 'pending' });
    await settle();
    expect(states.stateOf(KEY, rollout('8'))).toMatchObject({ state: 'resolved', identity: { version: '8' } });
    expect([asked, told]).toEqual([['8'], [KEY]]);
    expect(clock.nextTimerIn()).toBeUndefined();
  });

  it('asks nothing for a Rollout without a model', () => {
    expect(states.stateOf(KEY, { ...rollout('8'), spec: {} } as Rollout)).toEqual({ state: 'none' });
    expect(asked).toEqual([]);
  });

  it('asks again with a growing pause while the registry does not answer', async () => {
    answer = async () => Promise.reject(new RegistryError('RegistryUnreachable', 'no route'));
    states.stateOf(KEY, rollout('8'));
    await settle();
    expect(states.stateOf(KEY, rollout('8'))).toEqual({
      state: 'unavailable',
      code: 'RegistryUnreachable',
      message: 'no route',
    });
    for (const pause of [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]) {
      expect(clock.nextTimerIn()).toBe(pause);
      clock.advance(pause);
      await settle();
    }
    expect(told).toEqual([KEY]);
    answer = async () => version('8');
    clock.advance(60_000);
    await settle();
    expect(states.stateOf(KEY, rollout('8'))).toMatchObject({ state: 'resolved' });
    expect(told).toEqual([KEY, KEY]);
  });

  it('asks about a version that may not be started at the poll interval, and recovers by itself', async () => {
    answer = async () => Promise.reject(new RegistryError('ModelVersionNotReady', 'PENDING_REGISTRATION'));
    states.stateOf(KEY, rollout('8'));
    await settle();
    expect(states.stateOf(KEY, rollout('8'))).toMatchObject({ state: 'refused', code: 'ModelVersionNotReady' });
    answer = async () => version('8');
    expect(clock.nextTimerIn()).toBe(30_000);
    clock.advance(30_000);
    await settle();
    expect(states.stateOf(KEY, rollout('8'))).toMatchObject({ state: 'resolved' });
  });

  it('asks at once when the registry object changed, keeping the old answer meanwhile', async () => {
    answer = async () => Promise.reject(new RegistryError('RegistryUnauthorized', 'bad password'));
    states.stateOf(KEY, rollout('8'));
    await settle();
    answer = async () => version('8');
    states.registryChanged([KEY, 'ml/other']);
    expect(states.stateOf(KEY, rollout('8'))).toMatchObject({ state: 'unavailable' });
    await settle();
    expect(states.stateOf(KEY, rollout('8'))).toMatchObject({ state: 'resolved' });
    expect(clock.nextTimerIn()).toBeUndefined();
  });

  it('ignores the answer to a question that was replaced', async () => {
    let finish: (found: ModelVersion) => void = () => {};
    answer = () => new Promise((resolve) => (finish = resolve));
    states.stateOf(KEY, rollout('8'));
    await settle();
    const late = finish;
    answer = async () => version('9');
    expect(states.stateOf(KEY, rollout('9'))).toEqual({ state: 'pending' });
    await settle();
    late(version('8'));
    await settle();
    expect(states.stateOf(KEY, rollout('9'))).toMatchObject({ state: 'resolved', identity: { version: '9' } });
    expect(told).toEqual([KEY]);
  });

  it('does not ask again because the answer was pinned, and compares the next answer with it', async () => {
    states.stateOf(KEY, rollout('8'));
    await settle();
    const pinned = { registry: 'ModelRegistry/mlflow', name: 'fraud', version: '8', source: 's3://1' };
    states.stateOf(KEY, rollout('8', pinned));
    expect(asked).toEqual(['8']);
    answer = async () => version('8', 's3://2');
    states.registryChanged([KEY]);
    await settle();
    expect(states.stateOf(KEY, rollout('8', pinned))).toMatchObject({ state: 'refused', code: 'ModelVersionChanged' });
  });

  it('asks a registry no more than four things at a time', async () => {
    const finish: (() => void)[] = [];
    answer = () => new Promise((resolve) => finish.push(() => resolve(version('8'))));
    for (let n = 0; n < 10; n++) states.stateOf(`ml/fraud-${n}`, rollout('8'));
    await settle();
    expect(asked).toHaveLength(4);
    while (finish.length > 0) {
      finish.shift()?.();
      await settle();
    }
    expect(asked).toHaveLength(10);
    expect(told).toHaveLength(10);
  });

  it('asks nobody any more for a Rollout that is gone', async () => {
    answer = async () => Promise.reject(new RegistryError('RegistryUnreachable', 'no route'));
    states.stateOf(KEY, rollout('8'));
    await settle();
    states.forget(KEY);
    expect(clock.nextTimerIn()).toBeUndefined();
  });

  it('goes on asking after a defect of ours', async () => {
    answer = async () => Promise.reject(new TypeError('x is not a function'));
    states.stateOf(KEY, rollout('8'));
    await settle();
    expect(states.stateOf(KEY, rollout('8'))).toMatchObject({ state: 'unavailable', code: 'InternalError' });
    expect(clock.nextTimerIn()).toBe(1000);
  });
});
