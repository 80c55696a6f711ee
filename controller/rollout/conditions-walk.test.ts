import { describe, expect, it } from 'vitest';
import { blueGreenSpec, ROUTED, rolloutSpec, Stage } from '../../test/simulate/stage.ts';
import type { RolloutSpec } from '../api/generated/rollout.ts';
import { decideRollout } from './decide.ts';
import type { ReplicaSet } from './snapshot.ts';

const STEPS = [{ setWeight: 20 }, { pause: {} }, { setWeight: 60 }];

/** One line: phase and message, then what the conditions of the reference say. */
function told(stage: Stage): string {
  const { phase, message } = stage.status;
  const one = (type: string): string => {
    const condition = stage.condition(type);
    return condition === undefined ? '' : ` ${type}=${condition.status}/${condition.reason}`;
  };
  const types = ['InvalidSpec', 'Available', 'Progressing', 'Paused', 'Completed', 'Healthy'];
  return `${phase}${message === undefined ? '' : ` "${message}"`}:${types.map(one).join('')}`;
}

function canary(more: Partial<RolloutSpec> = {}): Stage {
  return new Stage(rolloutSpec('v1', 5, { ...ROUTED, steps: STEPS }, more), decideRollout);
}

describe('what a canary says of itself', () => {
  it('from its first version to the end of an update', () => {
    const stage = canary();
    stage.decide();
    const lines = [told(stage)];
    stage.run();
    lines.push(told(stage));
    stage.setImage('v2');
    stage.decide();
    lines.push(told(stage));
    stage.run();
    lines.push(told(stage));
    stage.promote();
    lines.push(told(stage));
    stage.wait(31);
    lines.push(told(stage));
    expect(lines).toMatchInlineSnapshot(`
      [
        "Progressing "more replicas need to be updated": Available=False/ReplicaSetNotAvailable Progressing=True/NewReplicaSetCreated Completed=False/RolloutNotCompleted Healthy=False/RolloutNotHealthy",
        "Healthy: Available=True/AvailableReason Progressing=True/NewReplicaSetAvailable Completed=True/RolloutCompleted Healthy=True/RolloutHealthy",
        "Progressing "more replicas need to be updated": Available=True/AvailableReason Progressing=True/NewReplicaSetCreated Completed=False/RolloutNotCompleted Healthy=False/RolloutNotHealthy",
        "Paused "CanaryPauseStep": Available=True/AvailableReason Progressing=Unknown/RolloutPaused Paused=True/RolloutPaused Completed=False/RolloutNotCompleted Healthy=False/RolloutNotHealthy",
        "Healthy: Available=True/AvailableReason Progressing=True/ReplicaSetUpdated Paused=False/RolloutResumed Completed=True/RolloutCompleted Healthy=False/RolloutNotHealthy",
        "Healthy: Available=True/AvailableReason Progressing=True/NewReplicaSetAvailable Paused=False/RolloutResumed Completed=True/RolloutCompleted Healthy=True/RolloutHealthy",
      ]
    `);
  });

  it('in an abort, after it, and in a retry', () => {
    const stage = canary();
    stage.run();
    stage.setImage('v2');
    stage.run();
    stage.cluster.patchStatus({ abort: true });
    stage.run();
    const lines = [told(stage)];
    stage.cluster.patchStatus({ abort: false });
    stage.decide();
    lines.push(told(stage));
    stage.run();
    lines.push(told(stage));
    expect(lines).toMatchInlineSnapshot(`
      [
        "Degraded "RolloutAborted: Rollout aborted by request": Available=True/AvailableReason Progressing=False/RolloutAborted Paused=False/RolloutResumed Completed=False/RolloutNotCompleted Healthy=False/RolloutNotHealthy",
        "Progressing "more replicas need to be updated": Available=True/AvailableReason Progressing=Unknown/RolloutRetry Paused=False/RolloutResumed Completed=False/RolloutNotCompleted Healthy=False/RolloutNotHealthy",
        "Paused "CanaryPauseStep": Available=True/AvailableReason Progressing=Unknown/RolloutPaused Paused=True/RolloutPaused Completed=False/RolloutNotCompleted Healthy=False/RolloutNotHealthy",
      ]
    `);
  });

  it('when nothing moves, when somebody pauses it, and when the spec makes no sense', () => {
    const stage = canary({ progressDeadlineSeconds: 60 });
    stage.run();
    stage.setImage('v2');
    stage.decide();
    stage.world.broken.add(stage.status.currentPodHash ?? '');
    stage.run();
    const lines = [told(stage)];
    stage.wait(61);
    lines.push(told(stage));
    stage.cluster.changeSpec((spec) => ({ ...spec, paused: true }));
    stage.run();
    lines.push(told(stage));
    stage.setCanary({ maxSurge: 'lots' });
    stage.run();
    lines.push(told(stage));
    expect(lines).toMatchInlineSnapshot(`
      [
        "Progressing "more replicas need to be updated": Available=True/AvailableReason Progressing=True/ReplicaSetUpdated Completed=False/RolloutNotCompleted Healthy=False/RolloutNotHealthy",
        "Degraded "ProgressDeadlineExceeded: ReplicaSet "fraud-45q6g85kzh" made no progress for 60 s: 1 of 5 pods updated, 5 available in all": Available=True/AvailableReason Progressing=False/ProgressDeadlineExceeded Completed=False/RolloutNotCompleted Healthy=False/RolloutNotHealthy",
        "Paused "manually paused": Available=True/AvailableReason Progressing=Unknown/RolloutPaused Paused=True/RolloutPaused Completed=False/RolloutNotCompleted Healthy=False/RolloutNotHealthy",
        "Degraded "InvalidSpec: spec.strategy.canary.maxSurge: "lots" is neither a number of pods nor a percentage such as 25%": InvalidSpec=True/InvalidSpec Available=True/AvailableReason Progressing=Unknown/InvalidSpec Paused=True/RolloutPaused Completed=False/RolloutNotCompleted Healthy=False/RolloutNotHealthy",
      ]
    `);
  });

  it('of a ReplicaSet that was there before', () => {
    const stage = canary();
    stage.run();
    const [rs] = stage.cluster.list<ReplicaSet>('replicaSet') as [ReplicaSet];
    const { status: _, ...rollout } = stage.cluster.rollout;
    stage.cluster.put('rollout', rollout);
    stage.cluster.put('replicaSet', { ...rs, status: { replicas: 5, availableReplicas: 3, readyReplicas: 3 } });
    stage.decide();
    expect(told(stage)).toMatchInlineSnapshot(
      `"Progressing "updated replicas are still becoming available": Available=False/ReplicaSetNotAvailable Progressing=True/FoundNewReplicaSet Completed=True/RolloutCompleted Healthy=False/RolloutNotHealthy"`,
    );
  });
});

describe('what a blue-green Rollout says of itself', () => {
  it('from the preview to the end', () => {
    const stage = new Stage(blueGreenSpec('v1', 2, { autoPromotionEnabled: false }), decideRollout);
    stage.run();
    const lines = [told(stage)];
    stage.setImage('v2');
    stage.decide();
    lines.push(told(stage));
    stage.run();
    lines.push(told(stage));
    stage.promote();
    lines.push(told(stage));
    expect(lines).toMatchInlineSnapshot(`
      [
        "Healthy: Available=True/AvailableReason Progressing=True/NewReplicaSetAvailable Completed=True/RolloutCompleted Healthy=True/RolloutHealthy",
        "Progressing "more replicas need to be updated": Available=True/AvailableReason Progressing=True/NewReplicaSetCreated Completed=False/RolloutNotCompleted Healthy=False/RolloutNotHealthy",
        "Paused "BlueGreenPause": Available=True/AvailableReason Progressing=Unknown/RolloutPaused Paused=True/RolloutPaused Completed=False/RolloutNotCompleted Healthy=False/RolloutNotHealthy",
        "Healthy: Available=True/AvailableReason Progressing=True/NewReplicaSetAvailable Paused=False/RolloutResumed Completed=True/RolloutCompleted Healthy=True/RolloutHealthy",
      ]
    `);
  });
});

describe('the Events', () => {
  it('of an update come in the order in which things happen', () => {
    const stage = canary();
    stage.run();
    stage.wait(60);
    stage.takeReasons();
    stage.setImage('v2');
    stage.run();
    stage.promote();
    stage.wait(31);
    expect(stage.takeReasons()).toMatchInlineSnapshot(`
      [
        "RolloutUpdated",
        "NewReplicaSetCreated",
        "ScalingReplicaSet",
        "SwitchService",
        "TrafficWeightUpdated",
        "RolloutStepCompleted",
        "RolloutPaused",
        "RolloutResumed",
        "RolloutStepCompleted",
        "ScalingReplicaSet",
        "TrafficWeightUpdated",
        "RolloutStepCompleted",
        "ScalingReplicaSet",
        "TrafficWeightUpdated",
        "RolloutCompleted",
        "SwitchService",
        "TrafficWeightUpdated",
        "ScalingReplicaSet",
      ]
    `);
  });

  it('of an abort and a retry', () => {
    const stage = canary();
    stage.run();
    stage.setImage('v2');
    stage.run();
    stage.takeReasons();
    stage.cluster.patchStatus({ abort: true });
    stage.run();
    stage.wait(31);
    stage.cluster.patchStatus({ abort: false });
    stage.run();
    expect(stage.takeReasons()).toMatchInlineSnapshot(`
      [
        "RolloutAborted",
        "TrafficWeightUpdated",
        "SwitchService",
        "ScalingReplicaSet",
        "RolloutRetry",
        "ScalingReplicaSet",
        "SwitchService",
        "TrafficWeightUpdated",
        "RolloutStepCompleted",
        "RolloutPaused",
      ]
    `);
  });
});
