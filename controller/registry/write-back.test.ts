import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Rollout, RolloutSpecModelWriteBack, RolloutStatus } from '../api/generated/rollout.ts';
import { desiredWriteBack, recordWriteBack, tagKeys, type WriteBackAction } from './write-back.ts';
import { describeWriteBack } from './write-back-effect.ts';

const ALL: RolloutSpecModelWriteBack = { canaryAlias: 'challenger', stableAlias: 'champion', tags: true };
const identity = (version: string, name = 'fraud', registry = 'ModelRegistry/mlflow') => ({ registry, name, version });

function rollout(
  spec: { version: string; name?: string; writeBack?: RolloutSpecModelWriteBack },
  status: RolloutStatus,
): Rollout {
  return {
    apiVersion: 'slipway.dev/v1alpha1',
    kind: 'Rollout',
    metadata: { name: 'fraud', namespace: 'ml' },
    spec: {
      replicas: 1,
      selector: {},
      template: {},
      strategy: { canary: {} },
      model: {
        registry: { kind: 'ModelRegistry', name: 'mlflow' },
        name: spec.name ?? 'fraud',
        version: spec.version,
        ...(spec.writeBack === undefined ? {} : { writeBack: spec.writeBack }),
      },
    },
    status,
  };
}

/** A Rollout whose registry is told everything after each change; keeps what the registry then says. */
class Story {
  record: NonNullable<RolloutStatus['model']>['writtenBack'];
  aliases: Record<string, string> = {};
  phases: Record<string, string> = {};

  now(version: string, status: RolloutStatus, writeBack: RolloutSpecModelWriteBack = ALL): string[] {
    const current = (): Rollout =>
      rollout(
        { version, writeBack },
        {
          ...status,
          model: { ...status.model, ...(this.record === undefined ? {} : { writtenBack: this.record }) },
        },
      );
    const actions = desiredWriteBack(current());
    for (const action of actions) this.#tell(action);
    expect(desiredWriteBack(current())).toEqual([]);
    return actions.map((action) => {
      const reason = action.type === 'setPhase' && action.reason !== undefined ? ` (${action.reason})` : '';
      return `${describeWriteBack(action)}${reason}`;
    });
  }

  #tell(action: WriteBackAction): void {
    const { version } = action.target;
    if (action.type === 'setAlias') this.aliases[action.alias] = version;
    else if (action.type === 'setPhase') this.phases[version] = action.phase;
    else if (this.aliases[action.alias] === version) delete this.aliases[action.alias];
    this.record = recordWriteBack(this.record, action);
  }
}

const serving = (version: string): RolloutStatus => ({
  model: { current: identity(version), stable: identity(version) },
});
const testing = (version: string, stable: string): RolloutStatus => ({
  currentPodHash: `hash${version}`,
  model: { current: identity(version), stable: identity(stable) },
});
const aborted = (version: string, stable: string, reason: string): RolloutStatus => ({
  ...testing(version, stable),
  abort: true,
  model: {
    ...testing(version, stable).model,
    rejected: [
      { name: 'fraud', version, podTemplateHash: `hash${version}`, reason, rejectedAt: '2026-01-01T00:00:00Z' },
    ],
  },
});

describe('what the registry is told', () => {
  test('a promotion: the stable alias moves only with the verdict', () => {
    const story = new Story();
    expect(story.now('7', serving('7'))).toEqual(['alias champion set to fraud/7', 'fraud/7 tagged stable']);
    expect(story.now('8', testing('8', '7'))).toEqual(['fraud/8 tagged canary', 'alias challenger set to fraud/8']);
    expect(story.aliases).toEqual({ champion: '7', challenger: '8' });
    expect(story.now('8', serving('8'))).toEqual([
      'alias champion set to fraud/8',
      'fraud/8 tagged stable',
      'fraud/7 tagged retired',
      'alias challenger removed from fraud/8',
    ]);
    expect(story.now('8', serving('8'))).toEqual([]);
  });

  test('an abort: the reason is told, and taken back when the version is tried again', () => {
    const story = new Story();
    story.now('7', serving('7'));
    story.now('8', testing('8', '7'));
    expect(story.now('8', aborted('8', '7', 'error rate 0.31'))).toEqual([
      'fraud/8 tagged rejected (error rate 0.31)',
      'alias challenger removed from fraud/8',
    ]);
    expect(story.now('8', testing('8', '7'))).toEqual(['fraud/8 tagged canary ()', 'alias challenger set to fraud/8']);
    story.now('8', aborted('8', '7', 'error rate 0.31'));
    expect(story.now('7', serving('7'))).toEqual([]);
    expect(story.phases).toEqual({ 7: 'stable', 8: 'rejected' });
    expect(story.aliases).toEqual({ champion: '7' });
  });

  test('a revert before a verdict, and a new version over an unfinished one', () => {
    const story = new Story();
    story.now('7', serving('7'));
    story.now('8', testing('8', '7'));
    expect(story.now('9', testing('9', '7'))).toEqual([
      'fraud/9 tagged canary',
      'fraud/8 tagged withdrawn',
      'alias challenger set to fraud/9',
    ]);
    expect(story.now('7', serving('7'))).toEqual(['fraud/9 tagged withdrawn', 'alias challenger removed from fraud/9']);
  });

  test('an abort that could not be told is told later, also when Git has moved on', () => {
    const story = new Story();
    story.now('7', serving('7'));
    story.now('8', testing('8', '7'));
    const { rejected } = aborted('8', '7', 'bad').model ?? {};
    const later = { model: { ...serving('7').model, ...(rejected === undefined ? {} : { rejected }) } };
    expect(story.now('7', later)).toEqual(['fraud/8 tagged rejected (bad)', 'alias challenger removed from fraud/8']);
  });

  test('an abort of another image with the model that serves does not reject that model', () => {
    const story = new Story();
    story.now('7', serving('7'));
    expect(story.now('7', aborted('7', '7', 'bad image'))).toEqual([]);
  });

  test('nothing while the version is not resolved, on the first release, or without writeBack', () => {
    expect(new Story().now('8', {})).toEqual([]);
    expect(new Story().now('8', { model: { current: identity('8') } })).toEqual([]);
    expect(new Story().now('9', testing('8', '7'), { canaryAlias: 'challenger' })).toEqual([]);
    expect(new Story().now('8', testing('8', '7'), {})).toEqual([]);
  });

  test('another alias in the spec is written, and the canary alias does not stay behind', () => {
    const story = new Story();
    story.now('8', testing('8', '7'));
    expect(story.now('8', testing('8', '7'), { canaryAlias: 'next', stableAlias: 'prod' })).toEqual([
      'alias prod set to fraud/7',
      'alias challenger removed from fraud/8',
      'alias next set to fraud/8',
    ]);
    expect(story.now('8', testing('8', '7'), {})).toEqual(['alias next removed from fraud/8']);
  });
});

test('an interruption after any action ends where an uninterrupted telling does', () => {
  const versions = fc.constantFrom('7', '8', '9');
  const situation = fc.oneof(
    versions.map(serving),
    fc.tuple(versions, versions).map(([version, stable]) => testing(version, stable)),
    fc.tuple(versions, versions).map(([version, stable]) => aborted(version, stable, 'bad')),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(situation, fc.nat(5)), { minLength: 1, maxLength: 20 }), (steps) => {
      let record: NonNullable<RolloutStatus['model']>['writtenBack'];
      const look = (status: RolloutStatus) => {
        const written = record === undefined ? {} : { writtenBack: record };
        const version = status.model?.current?.version ?? '';
        return desiredWriteBack(
          rollout({ version, writeBack: ALL }, { ...status, model: { ...status.model, ...written } }),
        );
      };
      for (const [status, told] of steps) {
        for (const action of look(status).slice(0, told)) record = recordWriteBack(record, action);
        expect(Object.keys(record?.tags ?? {}).length).toBeLessThanOrEqual(20);
      }
      const [last] = steps.at(-1) ?? [];
      if (last === undefined) return;
      for (let actions = look(last); actions.length > 0; actions = look(last)) {
        const [first] = actions;
        if (first !== undefined) record = recordWriteBack(record, first);
      }
      const { current, stable } = last.model ?? {};
      const tests = current?.version !== stable?.version && last.abort !== true;
      expect(record?.stableAlias).toMatchObject({ version: stable?.version, alias: 'champion' });
      expect(record?.canaryAlias?.version).toBe(tests ? current?.version : undefined);
      const phases = Object.entries(record?.tags ?? {});
      expect(phases.filter(([, phase]) => phase === 'stable').map(([key]) => key)).toEqual([
        `ModelRegistry/mlflow/fraud/${stable?.version}`,
      ]);
      expect(phases.filter(([, phase]) => phase === 'canary')).toHaveLength(tests ? 1 : 0);
    }),
  );
});

test('the record of tags is bounded, and forgets what is out of play first', () => {
  let record: NonNullable<RolloutStatus['model']>['writtenBack'];
  const tell = (version: string, phase: 'stable' | 'retired'): void => {
    record = recordWriteBack(record, { type: 'setPhase', target: identity(version), phase });
  };
  tell('1', 'stable');
  for (let version = 2; version <= 40; version++) tell(String(version), 'retired');
  const left = Object.keys(record?.tags ?? {}).map((key) => Number(key.split('/').at(-1)));
  expect(left.sort((a, b) => a - b)).toEqual([1, ...Array.from({ length: 19 }, (_, index) => 22 + index)]);
});

test('tag keys are one per Rollout and fit into what MLflow allows', () => {
  expect(tagKeys({ namespace: 'ml', name: 'fraud' })).toEqual({
    phase: 'slipway.dev/ml.fraud.phase',
    reason: 'slipway.dev/ml.fraud.reason',
  });
  const long = tagKeys({ namespace: 'n'.repeat(63), name: `${'r'.repeat(252)}a` });
  const other = tagKeys({ namespace: 'n'.repeat(63), name: `${'r'.repeat(252)}b` });
  expect(long.reason.length).toBeLessThanOrEqual(250);
  expect(long.reason).not.toBe(other.reason);
});
