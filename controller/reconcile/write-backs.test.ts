import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Rollout } from '../api/generated/rollout.ts';
import { ManualClock } from '../platform/manual-clock.ts';
import { RegistryError } from '../registry/errors.ts';
import type { ModelRegistryClient } from '../registry/port.ts';
import { WriteBacks } from './write-backs.ts';

const KEY = 'ml/fraud';
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function rollout(writtenBack?: object): Rollout {
  const identity = { registry: 'ModelRegistry/mlflow', name: 'fraud', version: '8' };
  return {
    metadata: { name: 'fraud', namespace: 'ml' },
    spec: {
      model: {
        registry: { kind: 'ModelRegistry', name: 'mlflow' },
        name: 'fraud',
        version: '8',
        writeBack: { stableAlias: 'champion', tags: true },
      },
    },
    status: { model: { current: identity, stable: identity, ...(writtenBack === undefined ? {} : { writtenBack }) } },
  } as unknown as Rollout;
}

describe('telling the registry', () => {
  let clock: ManualClock;
  let told: string[];
  let progress: number;
  let events: string[];
  let refuse: (what: string) => Error | undefined;
  let writeBacks: WriteBacks;

  beforeEach(() => {
    clock = new ManualClock();
    told = [];
    progress = 0;
    events = [];
    refuse = () => undefined;
    const tell = async (what: string): Promise<void> => {
      const error = refuse(what);
      if (error !== undefined) throw error;
      told.push(what);
    };
    const client = {
      setAlias: (_: string, alias: string, version: string) => tell(`${alias}=${version}`),
      setTag: (_: string, version: string, key: string, value: string) => tell(`${version} ${key}=${value}`),
    } as unknown as ModelRegistryClient;
    writeBacks = new WriteBacks({
      registries: { connect: async () => client, pollIntervalMs: () => 30_000 },
      events: { event: (_, type, reason) => events.push(`${type} ${reason}`) },
      clock,
      random: () => 1,
      onProgress: () => {
        progress += 1;
      },
    });
  });
  afterEach(() => writeBacks.stop());

  /** What a reconcile does: record what was told, then start what is left. */
  const reconcile = (current: Rollout): Rollout => {
    const next = rollout(writeBacks.recorded(KEY, current.status?.model?.writtenBack));
    writeBacks.stored(KEY);
    writeBacks.start(KEY, next);
    return next;
  };

  it('tells everything once, in order, and records it', async () => {
    let current = reconcile(rollout());
    expect(writeBacks.isBusy(KEY)).toBe(true);
    await settle();
    expect(told).toEqual(['champion=8', '8 slipway.dev/ml.fraud.phase=stable']);
    expect(progress).toBe(1);
    current = reconcile(current);
    expect(current.status?.model?.writtenBack?.stableAlias).toMatchObject({ version: '8', alias: 'champion' });
    reconcile(current);
    await settle();
    expect(told).toHaveLength(2);
    expect([writeBacks.isBusy(KEY), progress]).toEqual([false, 1]);
    expect(events).toEqual(['Normal ModelWriteBack', 'Normal ModelWriteBack']);
  });

  it('keeps the order after a failure, and repeats nothing that was told', async () => {
    refuse = (what) => (what.includes('phase') ? new RegistryError('RegistryUnreachable', 'no route') : undefined);
    let current = reconcile(rollout());
    await settle();
    current = reconcile(current);
    expect(writeBacks.errorOf(KEY)).toBe('no route');
    expect(told).toEqual(['champion=8']);
    for (const pause of [2000, 4000, 8000]) {
      expect(clock.nextTimerIn()).toBe(pause);
      clock.advance(pause);
      current = reconcile(current);
      await settle();
    }
    refuse = () => undefined;
    clock.advance(16_000);
    current = reconcile(current);
    await settle();
    expect(told).toEqual(['champion=8', '8 slipway.dev/ml.fraud.phase=stable']);
    reconcile(current);
    expect([writeBacks.errorOf(KEY), writeBacks.isBusy(KEY)]).toEqual([undefined, false]);
  });

  it('tries again at once when the registry object changed', async () => {
    refuse = () => new RegistryError('RegistryUnauthorized', 'bad password');
    const current = reconcile(rollout());
    await settle();
    refuse = () => undefined;
    const before = progress;
    writeBacks.retry([KEY, 'ml/other']);
    expect(progress).toBe(before + 1);
    reconcile(current);
    await settle();
    expect(told).toHaveLength(2);
  });

  it('goes on behind a version that was deleted in the registry, and says so', async () => {
    refuse = (what) =>
      what.startsWith('champion') ? new RegistryError('ModelVersionNotFound', 'version 8 does not exist') : undefined;
    reconcile(rollout());
    await settle();
    expect(told).toEqual(['8 slipway.dev/ml.fraud.phase=stable']);
    expect(events).toEqual(['Warning ModelVersionGone', 'Normal ModelWriteBack']);
    expect(writeBacks.errorOf(KEY)).toBeUndefined();
  });

  it('takes back what a registry took without an answer, when the Rollout went back meanwhile', async () => {
    const v7 = { registry: 'ModelRegistry/mlflow', name: 'fraud', version: '7' };
    const before = { stableAlias: { ...v7, alias: 'champion' }, tags: { 'ModelRegistry/mlflow/fraud/7': 'stable' } };
    refuse = (what) => {
      if (what !== 'champion=8') return undefined;
      told.push(what);
      return new RegistryError('RegistryTimeout', 'no answer in time');
    };
    reconcile(rollout(before));
    await settle();
    refuse = () => undefined;
    clock.advance(2000);
    const back = rollout(before);
    Object.assign(back.status?.model ?? {}, { current: v7, stable: v7 });
    writeBacks.start(KEY, back);
    await settle();
    expect(told).toEqual(['champion=8', 'champion=7']);
  });

  it('tells nothing more for a Rollout that is gone', async () => {
    refuse = () => new RegistryError('RegistryUnreachable', 'no route');
    reconcile(rollout());
    await settle();
    writeBacks.forget(KEY);
    expect(clock.nextTimerIn()).toBeUndefined();
    expect(writeBacks.isBusy(KEY)).toBe(false);
  });
});
