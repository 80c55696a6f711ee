import { describe, expect, it } from 'vitest';
import { rolloutSpec, Stage } from '../../test/simulate/stage.ts';
import type { RolloutSpec } from '../api/generated/rollout.ts';
import { CONFIG_ANNOTATION } from '../api/names.ts';
import type { ConfigState } from './config/state.ts';
import { decideRollout } from './decide.ts';
import type { ReplicaSet } from './snapshot.ts';

const known = (app: string, keys?: string): ConfigState => ({
  state: 'known',
  mark: { 'ConfigMap/app': `1:${app}`, ...(keys === undefined ? {} : { 'Secret/keys': `1:${keys}` }) },
});
const MISSING: ConfigState = { state: 'missing', message: 'ConfigMap "app" does not exist: create it' };
const STEPS = [{ setWeight: 50 }, { pause: {} }];

/** v1 serves with 4 pods and with what the ConfigMap says. */
function serving(config: ConfigState | undefined = known('one'), more: Partial<RolloutSpec> = {}): Stage {
  const stage = new Stage(rolloutSpec('v1', 4, { steps: STEPS }, more), decideRollout);
  stage.config = config;
  stage.run();
  stage.takeReasons();
  return stage;
}

function change(stage: Stage, config: ConfigState | undefined): void {
  stage.config = config;
  stage.run();
}

/** Wanted pods by revision. */
function pods(stage: Stage): Record<string, number> {
  const sets = stage.cluster.list<ReplicaSet>('replicaSet').filter((rs) => rs.spec.replicas !== 0);
  return Object.fromEntries(
    sets.map((rs) => [rs.metadata.annotations?.['slipway.dev/revision'], rs.spec.replicas ?? 0]),
  );
}

describe('another content of a ConfigMap', () => {
  it('is a revision that takes its steps, and its Event names the object', () => {
    const stage = serving(known('one', 'a'));
    change(stage, known('two', 'a'));
    expect([pods(stage), stage.status.phase, stage.status.step]).toEqual([{ 1: 2, 2: 2 }, 'Paused', '1/2']);
    expect(stage.events.map(({ message }) => message)).toContain(
      'Rollout updated to revision 2 (ConfigMap "app" changed)',
    );
    stage.promote();
    expect([pods(stage), stage.status.phase]).toEqual([{ 2: 4 }, 'Healthy']);
  });

  it('that comes back is a rollback: at once to what serves, and in the window without steps', () => {
    const stage = serving(known('one'), { rollbackWindow: { revisions: 1 } });
    stage.wait(1);
    change(stage, known('two'));
    change(stage, known('one'));
    expect([stage.status.phase, pods(stage)]).toEqual(['Healthy', { 3: 4 }]);
    change(stage, known('two'));
    stage.promote();
    change(stage, known('one'));
    expect([stage.status.phase, stage.cluster.list('replicaSet').length]).toEqual(['Healthy', 2]);
  });

  it('is one revision with the template that changed with it, and a third one starts over', () => {
    const stage = serving();
    stage.config = known('two');
    stage.setImage('v2');
    stage.run();
    expect(stage.pods).toEqual({ v1: 2, v2: 2 });
    change(stage, known('three'));
    expect([stage.status.step, stage.cluster.list('replicaSet').length, pods(stage)]).toEqual([
      '1/2',
      3,
      { 1: 2, 3: 2 },
    ]);
  });

  it('that was aborted is not tried again, another one is', () => {
    const stage = serving();
    change(stage, known('two'));
    stage.cluster.patchStatus({ abort: true });
    stage.run();
    stage.wait(3600);
    expect([stage.status.phase, pods(stage)]).toEqual(['Degraded', { 1: 4 }]);
    change(stage, known('three'));
    expect([stage.status.phase, stage.status.step]).toEqual(['Paused', '1/2']);
  });
});

it('a content that changed a moment ago: nothing begins yet, and nobody takes the Rollout for Healthy', () => {
  const stage = serving();
  change(stage, { state: 'pending', message: 'ConfigMap "app" changed a moment ago' });
  expect([pods(stage), stage.status.phase, stage.status.message, stage.condition('Healthy')?.status]).toEqual([
    { 1: 4 },
    'Progressing',
    'ConfigPending: ConfigMap "app" changed a moment ago',
    'False',
  ]);
  change(stage, known('one'));
  expect([stage.status.phase, stage.condition('Healthy')?.status]).toEqual(['Healthy', 'True']);
});

describe('to begin or to end to ask for it', () => {
  it('restarts nothing, and counts from then on', () => {
    const stage = serving(undefined);
    change(stage, known('one'));
    expect([pods(stage), stage.takeReasons(), stage.condition('ConfigResolved')?.status]).toEqual([
      { 1: 4 },
      [],
      'True',
    ]);
    change(stage, known('one', 'a'));
    expect(pods(stage)).toEqual({ 1: 4 });
    change(stage, known('one', 'b'));
    expect(pods(stage)).toEqual({ 1: 2, 2: 2 });
    stage.promote();
    change(stage, undefined);
    expect([pods(stage), stage.condition('ConfigResolved'), stage.status.phase]).toEqual([
      { 2: 4 },
      undefined,
      'Healthy',
    ]);
  });
});

it('a controller that writes its digests in another way restarts nothing', () => {
  const stage = serving();
  change(stage, { state: 'known', mark: { 'ConfigMap/app': '2:other' } });
  expect([pods(stage), stage.status.phase]).toEqual([{ 1: 4 }, 'Healthy']);
  change(stage, { state: 'known', mark: { 'ConfigMap/app': '2:changed' } });
  expect(pods(stage)).toEqual({ 1: 2, 2: 2 });
});

describe('a ConfigMap that is missing', () => {
  it('keeps a new version from starting, says so, and lets it start when it is there', () => {
    const stage = new Stage(rolloutSpec('v1', 4, { steps: STEPS }), decideRollout);
    stage.config = MISSING;
    stage.run();
    expect([stage.pods, stage.status.phase, stage.status.message]).toEqual([
      {},
      'Progressing',
      'ConfigMissing: ConfigMap "app" does not exist: create it',
    ]);
    expect(stage.condition('ConfigResolved')).toMatchObject({ status: 'False', reason: 'ConfigMissing' });
    expect(stage.takeReasons()).toEqual(['ConfigMissing']);
    change(stage, known('one'));
    expect([stage.pods, stage.status.phase]).toEqual([{ v1: 4 }, 'Healthy']);
  });

  it('leaves what runs, scales it, and lets it go back', () => {
    const stage = serving();
    stage.setImage('v2');
    stage.run();
    change(stage, MISSING);
    stage.scale(8);
    stage.run();
    expect([stage.pods, stage.status.step]).toEqual([{ v1: 4, v2: 4 }, '1/2']);
    stage.setImage('v1');
    stage.run();
    expect([stage.pods, stage.status.phase]).toEqual([{ v1: 8 }, 'Healthy']);
    expect(stage.condition('ConfigResolved')).toMatchObject({ status: 'False' });
  });
});

it('the mark is on the ReplicaSet and not in its pods: two revisions have equal templates', () => {
  const stage = serving();
  change(stage, known('two'));
  const [one, two] = stage.cluster.list<ReplicaSet>('replicaSet');
  expect([one, two].map((rs) => rs?.metadata.annotations?.[CONFIG_ANNOTATION])).toEqual([
    '{"ConfigMap/app":"1:one"}',
    '{"ConfigMap/app":"1:two"}',
  ]);
  expect(two?.spec.template.spec).toEqual(one?.spec.template.spec);
});
