import { describe, expect, it } from 'vitest';
import { blueGreenSpec, Stage } from '../../../test/simulate/stage.ts';
import { decideRollout } from '../decide.ts';

type BlueGreen = Parameters<typeof blueGreenSpec>[2];

/** One line for where a Rollout is: pods by version, what the Services point at, phase and message. */
function look(stage: Stage): string {
  const pods = Object.entries(stage.pods).map(([image, count]) => `${image}:${count}`);
  const { phase, message } = stage.status;
  const services = `active ${stage.behind('active')}, preview ${stage.behind('preview')}`;
  return `${pods.join(' ')} | ${services} | ${phase}${message === undefined ? '' : ` ${message}`}`;
}

function stageOf(blueGreen: BlueGreen = {}, replicas = 3, more: Parameters<typeof blueGreenSpec>[3] = {}): Stage {
  const stage = new Stage(blueGreenSpec('v1', replicas, blueGreen, more), decideRollout);
  stage.run();
  return stage;
}

/** The looks after each of the acts. */
function walk(stage: Stage, ...acts: (() => void)[]): string[] {
  return [
    look(stage),
    ...acts.map((act) => {
      act();
      stage.run();
      return look(stage);
    }),
  ];
}

describe('walks of a blue-green Rollout', () => {
  it('by itself', () => {
    const stage = stageOf();
    expect(
      walk(
        stage,
        () => stage.setImage('v2'),
        () => stage.wait(29),
        () => stage.wait(2),
      ),
    ).toMatchInlineSnapshot(`
      [
        "v1:3 | active v1, preview v1 | Healthy",
        "v1:3 v2:3 | active v2, preview v2 | Healthy",
        "v1:3 v2:3 | active v2, preview v2 | Healthy",
        "v2:3 | active v2, preview v2 | Healthy",
      ]
    `);
  });

  it('with a pause until somebody promotes', () => {
    const stage = stageOf({ autoPromotionEnabled: false, previewReplicaCount: 1 });
    expect(
      walk(
        stage,
        () => stage.setImage('v2'),
        () => stage.scale(5),
        () => stage.promote(),
        () => stage.wait(31),
      ),
    ).toMatchInlineSnapshot(`
      [
        "v1:3 | active v1, preview v1 | Healthy",
        "v1:3 v2:1 | active v1, preview v2 | Paused BlueGreenPause",
        "v1:5 v2:1 | active v1, preview v2 | Paused BlueGreenPause",
        "v1:5 v2:5 | active v2, preview v2 | Healthy",
        "v2:5 | active v2, preview v2 | Healthy",
      ]
    `);
  });

  it('aborted in the preview, and tried again', () => {
    const stage = stageOf({ autoPromotionEnabled: false });
    expect(
      walk(
        stage,
        () => stage.setImage('v2'),
        () => stage.cluster.patchStatus({ abort: true }),
        () => stage.wait(31),
        () => stage.cluster.patchStatus({ abort: false }),
        () => stage.cluster.patchStatus({ promoteFull: true }),
      ),
    ).toMatchInlineSnapshot(`
      [
        "v1:3 | active v1, preview v1 | Healthy",
        "v1:3 v2:3 | active v1, preview v2 | Paused BlueGreenPause",
        "v1:3 v2:3 | active v1, preview v2 | Degraded RolloutAborted: Rollout aborted by request",
        "v1:3 | active v1, preview v1 | Degraded RolloutAborted: Rollout aborted by request",
        "v1:3 v2:3 | active v1, preview v2 | Paused BlueGreenPause",
        "v1:3 v2:3 | active v2, preview v2 | Healthy",
      ]
    `);
  });

  it('rolled back while the old pods are there, and after', () => {
    const stage = stageOf({ autoPromotionEnabled: false });
    expect(
      walk(
        stage,
        () => stage.setImage('v2'),
        () => stage.promote(),
        () => stage.setImage('v1'),
        () => stage.wait(31),
        () => stage.setImage('v2'),
      ),
    ).toMatchInlineSnapshot(`
      [
        "v1:3 | active v1, preview v1 | Healthy",
        "v1:3 v2:3 | active v1, preview v2 | Paused BlueGreenPause",
        "v1:3 v2:3 | active v2, preview v2 | Healthy",
        "v1:3 v2:3 | active v1, preview v1 | Healthy",
        "v1:3 | active v1, preview v1 | Healthy",
        "v1:3 v2:3 | active v1, preview v2 | Paused BlueGreenPause",
      ]
    `);
  });
});
