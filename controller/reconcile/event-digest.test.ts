import { beforeEach, describe, expect, it } from 'vitest';
import type { KubeObject } from '../kube/types.ts';
import { ManualClock } from '../platform/manual-clock.ts';
import { digest, EventDigest } from './event-digest.ts';

const rollout = (name = 'fraud'): KubeObject => ({
  apiVersion: 'slipway.dev/v1alpha1',
  kind: 'Rollout',
  metadata: { namespace: 'ml', name, uid: `uid-${name}` },
});

let clock: ManualClock;
let told: string[];
let events: EventDigest;

beforeEach(() => {
  clock = new ManualClock();
  told = [];
  const recorder = {
    event: (object: KubeObject, type: string, reason: string, message: string) =>
      void told.push(`${object.metadata.name} ${type} ${reason}: ${message}`),
  };
  events = new EventDigest(recorder, clock);
});

const normal = (reason: string, message: string, name?: string) =>
  events.event(rollout(name), 'Normal', reason, message);

describe('what belongs together', () => {
  it('is told in one Event of the reason that people look for', () => {
    const said = [
      { reason: 'RolloutUpdated', message: 'Rollout updated to revision 2' },
      { reason: 'NewReplicaSetCreated', message: 'Created ReplicaSet a' },
      { reason: 'ScalingReplicaSet', message: 'Scaled up ReplicaSet a from 0 to 1' },
    ];
    expect(digest(said)).toEqual([
      {
        reason: 'RolloutUpdated',
        message: 'Rollout updated to revision 2; Created ReplicaSet a; Scaled up ReplicaSet a from 0 to 1',
      },
    ]);
  });

  it('are steps that end together, and the pause that they end in', () => {
    const said = [
      { reason: 'ScalingReplicaSet', message: 'Scaled' },
      { reason: 'RolloutStepCompleted', message: 'Completed 1' },
      { reason: 'RolloutStepCompleted', message: 'Completed 2' },
      { reason: 'RolloutPaused', message: 'Paused at 3' },
    ];
    expect(digest(said)).toEqual([
      { reason: 'RolloutPaused', message: 'Scaled; Completed 1; Completed 2; Paused at 3' },
    ]);
  });

  it('are no two ends', () => {
    const said = [
      'RolloutPaused',
      'RolloutResumed',
      'RolloutStepCompleted',
      'TrafficWeightUpdated',
      'RolloutCompleted',
    ].map((reason) => ({
      reason,
      message: reason,
    }));
    expect(digest(said)).toEqual(said);
  });
});

describe('a Normal Event', () => {
  it('waits a second for what belongs to it', async () => {
    normal('RolloutCompleted', 'done');
    await clock.advance(900);
    normal('ScalingReplicaSet', 'Scaled down');
    expect(told).toEqual([]);
    await clock.advance(100);
    expect(told).toEqual(['fraud Normal RolloutCompleted: done; Scaled down']);
  });

  it('of a mean waits five seconds for the end that it serves, and is told without one', async () => {
    normal('ScalingReplicaSet', 'Scaled down');
    await clock.advance(4999);
    expect(told).toEqual([]);
    await clock.advance(1);
    expect(told).toEqual(['fraud Normal ScalingReplicaSet: Scaled down']);
  });

  it('of an end takes along what waits for it, and waits a second itself', async () => {
    normal('ScalingReplicaSet', 'Scaled down');
    await clock.advance(3000);
    normal('RolloutStepCompleted', 'Completed 1');
    await clock.advance(500);
    normal('RolloutPaused', 'Paused at 2');
    await clock.advance(999);
    expect(told).toEqual([]);
    await clock.advance(1);
    expect(told).toEqual(['fraud Normal RolloutPaused: Scaled down; Completed 1; Paused at 2']);
  });

  it('that a step ended waits for what it ended in', async () => {
    normal('RolloutStepCompleted', 'Completed 4');
    normal('ScalingReplicaSet', 'Scaled up');
    await clock.advance(3000);
    normal('RolloutCompleted', 'Completed all');
    await clock.advance(1000);
    expect(told).toEqual(['fraud Normal RolloutCompleted: Completed 4; Scaled up; Completed all']);
    normal('RolloutStepCompleted', 'Completed 1');
    await clock.advance(5000);
    expect(told[1]).toBe('fraud Normal RolloutStepCompleted: Completed 1');
  });

  it('is not mixed with those of other objects', async () => {
    normal('RolloutUpdated', 'a');
    normal('ScalingReplicaSet', 'b', 'other');
    events.flush();
    expect(told).toEqual(['fraud Normal RolloutUpdated: a', 'other Normal ScalingReplicaSet: b']);
    await clock.advance(10_000);
    expect(told).toHaveLength(2);
  });
});

it('a Warning is told at once, after what came before it', () => {
  normal('RolloutStepCompleted', 'one');
  events.event(rollout(), 'Warning', 'RolloutAborted', 'bad');
  expect(told).toEqual(['fraud Normal RolloutStepCompleted: one', 'fraud Warning RolloutAborted: bad']);
});
