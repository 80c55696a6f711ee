import { describe, expect, it } from 'vitest';
import { blueGreenSpec, Stage } from '../../../test/simulate/stage.ts';
import type { AnalysisRun } from '../../api/generated/analysisrun.ts';
import { decideRollout } from '../decide.ts';
import type { ReplicaSet } from '../snapshot.ts';

type BlueGreen = Parameters<typeof blueGreenSpec>[2];
type More = Parameters<typeof blueGreenSpec>[3];

const ERRORS = { templates: [{ templateName: 'errors' }] };

/** A Rollout whose first version serves with three pods. */
function serving(blueGreen: BlueGreen = {}, more: More = {}): Stage {
  const stage = new Stage(blueGreenSpec('v1', 3, blueGreen, more), decideRollout);
  stage.run();
  stage.wait(60);
  stage.takeReasons();
  return stage;
}

/** The same while v2 is rolled out, as far as it goes by itself. */
function updating(blueGreen: BlueGreen = {}, more: More = {}): Stage {
  const stage = serving(blueGreen, more);
  stage.setImage('v2');
  stage.run();
  return stage;
}

const services = (stage: Stage): string[] => [stage.behind('active'), stage.behind('preview')];
const runs = (stage: Stage): string[] => stage.cluster.list<AnalysisRun>('run').map(({ metadata }) => metadata.name);
const nameOf = (stage: Stage, suffix: string): string => `fraud-${stage.status.currentPodHash}-2-${suffix}`;

function oneMorePodServes(stage: Stage): void {
  const name = `fraud-${stage.status.currentPodHash}`;
  stage.world.syncReplicaSet(name);
  stage.world.becomeReady(name);
  stage.world.syncReplicaSet(name);
  stage.decide();
}

describe('the Services', () => {
  it('move only when all pods for them serve: first the preview, then the active one', () => {
    const stage = serving({ previewReplicaCount: 1, autoPromotionEnabled: false });
    stage.setImage('v2');
    stage.decide();
    expect([stage.pods, services(stage)]).toEqual([{ v1: 3, v2: 1 }, ['v1', 'v1']]);
    oneMorePodServes(stage);
    expect(services(stage)).toEqual(['v1', 'v2']);
    stage.cluster.patchStatus({ pauseConditions: null });
    stage.decide();
    expect(stage.status).toMatchObject({ phase: 'Progressing', blueGreen: { scaleUpPreviewCheckPoint: true } });
    oneMorePodServes(stage);
    expect([stage.pods['v2'], services(stage)]).toEqual([3, ['v1', 'v2']]);
    expect(stage.status.message).toBe('updated replicas are still becoming available');
    oneMorePodServes(stage);
    expect(services(stage)).toEqual(['v2', 'v2']);
  });

  it('are not needed for a preview', () => {
    const stage = new Stage(blueGreenSpec('v1', 2, {}), decideRollout);
    stage.cluster.changeSpec((spec) => ({ ...spec, strategy: { blueGreen: { activeService: 'active' } } }));
    stage.run();
    stage.setImage('v2');
    stage.run();
    expect([services(stage), stage.status.phase]).toEqual([['v2', 'all'], 'Healthy']);
  });

  it('stay with the version that serves while the new one does not come up', () => {
    const stage = serving();
    stage.setImage('v2');
    stage.decide();
    stage.world.broken.add(stage.status.currentPodHash ?? '');
    stage.run();
    expect([stage.pods, services(stage)]).toEqual([{ v1: 3, v2: 3 }, ['v1', 'v1']]);
    stage.wait(601);
    expect(stage.status.phase).toBe('Degraded');
    expect(stage.condition('Progressing')?.reason).toBe('ProgressDeadlineExceeded');
  });

  it('leave a version that lost all its pods after the promotion', () => {
    const stage = updating({ postPromotionAnalysis: ERRORS });
    expect(stage.behind('active')).toBe('v2');
    const name = `fraud-${stage.status.currentPodHash}`;
    for (let i = 0; i < 3; i += 1) stage.world.fail(name);
    stage.world.syncReplicaSet(name);
    stage.decide();
    expect(stage.behind('active')).toBe('v1');
    stage.run();
    expect(stage.behind('active')).toBe('v2');
  });

  it('are put right when somebody edits them', () => {
    const stage = updating({ autoPromotionEnabled: false });
    const service = stage.cluster.get('service', 'active');
    stage.cluster.put('service', { ...service, spec: { selector: { app: 'fraud' } } } as never);
    stage.run();
    expect([services(stage), stage.status.phase]).toEqual([['v1', 'v2'], 'Paused']);
  });
});

describe('the pause before the promotion', () => {
  it.each<[string, BlueGreen, number[]]>([
    ['ends by itself after autoPromotionSeconds', { autoPromotionSeconds: 20 }, [19, 1]],
    [
      'ends so also with autoPromotionEnabled false',
      { autoPromotionSeconds: 20, autoPromotionEnabled: false },
      [19, 1],
    ],
  ])('%s', (_what, blueGreen, [before = 0, rest = 0]) => {
    const stage = updating(blueGreen);
    stage.wait(before);
    expect(stage.status).toMatchObject({ phase: 'Paused', message: 'BlueGreenPause' });
    stage.wait(rest);
    expect([services(stage), stage.status.phase]).toEqual([['v2', 'v2'], 'Healthy']);
  });

  it('stands the clock of the progress deadline still', () => {
    const stage = updating({ autoPromotionEnabled: false }, { progressDeadlineSeconds: 60 });
    stage.wait(3600);
    expect(stage.status.phase).toBe('Paused');
    expect(stage.condition('Paused')).toMatchObject({ status: 'True', reason: 'RolloutPaused' });
  });

  it('ends when the spec does not want it any more', () => {
    const stage = updating({ autoPromotionEnabled: false });
    stage.setBlueGreen({ autoPromotionEnabled: true });
    stage.run();
    expect(stage.status.phase).toBe('Healthy');
  });

  it('is told by Events', () => {
    const stage = updating({ autoPromotionEnabled: false });
    stage.promote();
    const said = stage.takeReasons();
    expect(said).toEqual([
      'RolloutUpdated',
      'NewReplicaSetCreated',
      'ScalingReplicaSet',
      'SwitchService',
      'RolloutPaused',
      'RolloutResumed',
      'SwitchService',
      'RolloutCompleted',
    ]);
  });
});

describe('the analysis before the promotion', () => {
  it('starts when the preview is complete, and holds the requests back until it is good', () => {
    const stage = serving({ prePromotionAnalysis: ERRORS });
    stage.setImage('v2');
    stage.decide();
    expect(runs(stage)).toEqual([]);
    stage.run();
    expect(runs(stage)).toEqual([nameOf(stage, 'pre')]);
    expect(stage.cluster.list('run')[0]?.metadata.labels).toMatchObject({
      'slipway.dev/rollout-type': 'PrePromotion',
      'rollouts-pod-template-hash': stage.status.currentPodHash,
    });
    expect([services(stage), stage.status.message]).toEqual([['v1', 'v2'], 'active service cutover pending']);
    stage.endRun('Successful');
    stage.run();
    expect([services(stage), stage.status.phase]).toEqual([['v2', 'v2'], 'Healthy']);
    expect(stage.status.blueGreen?.prePromotionAnalysisRunStatus).toMatchObject({ status: 'Successful' });
  });

  it('comes before the pause', () => {
    const stage = updating({ prePromotionAnalysis: ERRORS, autoPromotionEnabled: false });
    expect(stage.status.phase).toBe('Progressing');
    stage.endRun('Successful');
    stage.run();
    expect(stage.status).toMatchObject({ phase: 'Paused', message: 'BlueGreenPause' });
  });

  it.each(['Failed', 'Error'] as const)('aborts when it is %s, and a retry measures again', (verdict) => {
    const stage = updating({ prePromotionAnalysis: ERRORS });
    stage.endRun(verdict);
    stage.run();
    expect([services(stage), stage.status.phase]).toEqual([['v1', 'v2'], 'Degraded']);
    expect(stage.status.abortMessage).toContain(
      `in prePromotionAnalysis: AnalysisRun ${nameOf(stage, 'pre')} ${verdict}`,
    );
    expect(stage.status.blueGreen?.prePromotionAnalysisRunStatus).toMatchObject({ status: verdict });
    stage.cluster.patchStatus({ abort: false });
    stage.run();
    expect(runs(stage)).toEqual([nameOf(stage, 'pre'), nameOf(stage, 'pre.1')]);
  });

  it('pauses without a verdict, and takes a promotion for one', () => {
    const stage = updating({ prePromotionAnalysis: ERRORS, autoPromotionEnabled: false });
    stage.endRun('Inconclusive');
    stage.run();
    expect(stage.status).toMatchObject({ phase: 'Paused', message: 'InconclusiveAnalysisRun' });
    stage.promote();
    expect([services(stage), stage.status.phase]).toEqual([['v2', 'v2'], 'Healthy']);
  });
});

describe('the analysis after the promotion', () => {
  it('keeps the old version complete until it is good', () => {
    const stage = updating({ postPromotionAnalysis: ERRORS, scaleDownDelaySeconds: 0 });
    expect([services(stage), stage.pods, runs(stage)]).toEqual([
      ['v2', 'v2'],
      { v1: 3, v2: 3 },
      [nameOf(stage, 'post')],
    ]);
    expect(stage.status).toMatchObject({ phase: 'Progressing', message: 'waiting for analysis to complete' });
    stage.endRun('Successful');
    stage.run();
    expect([stage.status.phase, stage.pods]).toEqual(['Healthy', { v2: 3 }]);
  });

  it('takes the requests back when it is bad', () => {
    const stage = updating({ postPromotionAnalysis: ERRORS });
    const stable = stage.status.stableRS;
    stage.endRun('Failed');
    stage.run();
    expect([services(stage), stage.status.phase]).toEqual([['v1', 'v2'], 'Degraded']);
    expect(stage.status.stableRS).toBe(stable);
    stage.wait(31);
    expect([services(stage), stage.pods]).toEqual([['v1', 'v1'], { v1: 3 }]);
  });

  it('loses its meaning when a third version comes: the requests go back to the one that is proven', () => {
    const stage = updating({ postPromotionAnalysis: ERRORS });
    stage.setImage('v3');
    stage.decide();
    expect(stage.behind('active')).toBe('v1');
    stage.run();
    expect(services(stage)).toEqual(['v3', 'v3']);
    expect(stage.pods).toEqual({ v1: 3, v2: 3, v3: 3 });
    stage.endRun('Successful');
    stage.wait(31);
    expect([stage.status.phase, stage.pods]).toEqual(['Healthy', { v1: 3, v3: 3 }]);
  });
});

describe('an abort', () => {
  it('takes the requests back first', () => {
    const stage = updating({ postPromotionAnalysis: ERRORS });
    stage.cluster.patchStatus({ abort: true });
    stage.reconciler.deliverAll();
    const decision = stage.reconciler.reconcile();
    expect(decision?.commands[0]).toMatchObject({ type: 'setServiceSelector', service: 'active' });
    expect(stage.behind('active')).toBe('v1');
  });

  it('keeps the pods of the new version for abortScaleDownDelaySeconds, with 0 for ever', () => {
    const kept = updating({ autoPromotionEnabled: false, abortScaleDownDelaySeconds: 0 });
    kept.cluster.patchStatus({ abort: true });
    kept.run();
    kept.wait(3600);
    expect([kept.pods, services(kept)]).toEqual([{ v1: 3, v2: 3 }, ['v1', 'v2']]);
    const left = updating({ autoPromotionEnabled: false, abortScaleDownDelaySeconds: 10 });
    left.cluster.patchStatus({ abort: true });
    left.run();
    left.wait(9);
    expect(left.pods).toEqual({ v1: 3, v2: 3 });
    left.wait(1);
    expect([left.pods, services(left)]).toEqual([{ v1: 3 }, ['v1', 'v1']]);
  });

  it('is not undone by the pods that still wait for their delay', () => {
    const stage = updating({ autoPromotionEnabled: false });
    stage.cluster.patchStatus({ abort: true });
    stage.run();
    stage.setImage('v1');
    stage.run();
    stage.setImage('v2');
    stage.run();
    expect([services(stage), stage.status.message]).toEqual([['v1', 'v2'], 'BlueGreenPause']);
  });
});

describe('going back', () => {
  it('is at once while the old pods are there, without pause and analysis', () => {
    const stage = updating({ autoPromotionSeconds: 5, prePromotionAnalysis: ERRORS, postPromotionAnalysis: ERRORS });
    stage.endRun('Successful');
    stage.run();
    stage.wait(5);
    stage.endRun('Successful');
    stage.run();
    expect([services(stage), stage.status.phase]).toEqual([['v2', 'v2'], 'Healthy']);
    stage.takeReasons();
    const before = runs(stage).length;
    stage.setImage('v1');
    stage.decide();
    expect([services(stage), runs(stage).length]).toEqual([['v1', 'v1'], before]);
    expect(stage.takeReasons()).toContain('SkipSteps');
    expect(stage.status).toMatchObject({ phase: 'Healthy', stableRS: stage.status.currentPodHash });
  });

  it('takes everything once the old pods are gone, unless within the rollback window', () => {
    for (const [more, message] of [
      [{}, 'BlueGreenPause'],
      [{ rollbackWindow: { revisions: 1 } }, undefined],
    ] as const) {
      const stage = updating({ autoPromotionEnabled: false }, more);
      stage.promote();
      stage.wait(31);
      expect(stage.pods).toEqual({ v2: 3 });
      stage.setImage('v1');
      stage.run();
      expect(stage.status.message).toBe(message);
      expect(stage.behind('active')).toBe(message === undefined ? 'v1' : 'v2');
    }
  });

  it('within the window waits for all pods', () => {
    const stage = updating({}, { rollbackWindow: { revisions: 1 } });
    stage.wait(31);
    stage.setImage('v1');
    stage.decide();
    oneMorePodServes(stage);
    expect([stage.pods, stage.behind('active')]).toEqual([{ v1: 3, v2: 3 }, 'v2']);
    stage.run();
    expect(stage.behind('active')).toBe('v1');
  });
});

describe('old pods', () => {
  it('stay scaleDownDelaySeconds, 30 by default', () => {
    const stage = updating();
    const [old] = stage.cluster.list<ReplicaSet>('replicaSet');
    expect(old?.metadata.annotations?.['slipway.dev/scale-down-deadline']).toBe('2026-01-01T00:01:30Z');
    stage.wait(29);
    expect(stage.pods).toEqual({ v1: 3, v2: 3 });
    expect(stage.status.phase).toBe('Healthy');
    stage.wait(1);
    expect(stage.pods).toEqual({ v2: 3 });
  });

  it('of more revisions than scaleDownDelayRevisionLimit go at once', () => {
    const stage = updating({ scaleDownDelayRevisionLimit: 1 });
    stage.setImage('v3');
    stage.run();
    expect(stage.pods).toEqual({ v2: 3, v3: 3 });
  });
});

describe('steering', () => {
  it('spec.paused starts nothing and moves nothing on, and scales', () => {
    const stage = updating({ autoPromotionEnabled: false, previewReplicaCount: 1 });
    stage.cluster.changeSpec((spec) => ({ ...spec, paused: true, replicas: 5 }));
    stage.promote();
    expect([services(stage), stage.pods]).toEqual([['v1', 'v2'], { v1: 5, v2: 1 }]);
    expect(stage.status).toMatchObject({ phase: 'Paused', message: 'manually paused' });
    stage.cluster.changeSpec((spec) => ({ ...spec, paused: false }));
    stage.run();
    expect([services(stage), stage.status.phase]).toEqual([['v2', 'v2'], 'Healthy']);
  });

  it('promote in full leaves out analysis and pause, also after an abort', () => {
    const stage = updating({
      prePromotionAnalysis: ERRORS,
      postPromotionAnalysis: ERRORS,
      autoPromotionEnabled: false,
    });
    stage.cluster.patchStatus({ abort: true });
    stage.run();
    stage.cluster.patchStatus({ promoteFull: true });
    stage.run();
    expect([services(stage), stage.status.phase]).toEqual([['v2', 'v2'], 'Healthy']);
    expect(stage.status.promoteFull).toBeUndefined();
  });

  it('progressDeadlineAbort aborts an update that does not come up', () => {
    const stage = serving({}, { progressDeadlineAbort: true, progressDeadlineSeconds: 60 });
    stage.setImage('v2');
    stage.decide();
    stage.world.broken.add(stage.status.currentPodHash ?? '');
    stage.wait(61);
    expect(stage.status).toMatchObject({ abort: true, phase: 'Degraded' });
  });

  it('counts for an autoscaler only the pods behind the active Service', () => {
    const stage = updating({ autoPromotionEnabled: false });
    expect(stage.status).toMatchObject({ replicas: 6, HPAReplicas: 3, updatedReplicas: 3, availableReplicas: 3 });
    expect(stage.status.selector).toBe(`app=fraud,rollouts-pod-template-hash=${stage.status.stableRS}`);
  });

  it('another number of replicas during a preview changes both versions', () => {
    const stage = updating({ autoPromotionEnabled: false });
    stage.scale(5);
    stage.run();
    expect(stage.pods).toEqual({ v1: 5, v2: 5 });
    stage.promote();
    expect(services(stage)).toEqual(['v2', 'v2']);
  });

  it('a change of the strategy in the middle starts over', () => {
    const stage = updating({ autoPromotionEnabled: false });
    stage.cluster.changeSpec((spec) => ({
      ...spec,
      strategy: { canary: { steps: [{ setWeight: 50 }, { pause: {} }] } },
    }));
    stage.run();
    expect(stage.status).toMatchObject({ phase: 'Paused', message: 'CanaryPauseStep', step: '1/2' });
    expect([services(stage), stage.status.blueGreen]).toEqual([['all', 'all'], undefined]);
  });
});
