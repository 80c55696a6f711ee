import { describe, expect, it } from 'vitest';
import { ROUTED, rolloutSpec, Stage } from '../../test/simulate/stage.ts';
import type { AnalysisRun } from '../api/generated/analysisrun.ts';
import { decideRollout } from './decide.ts';

const ANALYSIS = { analysis: { templates: [{ templateName: 'errors' }] } };

/** A rollout of v2 at 20 %, measured. */
function measured(steps = [{ setWeight: 20 }, ANALYSIS, { setWeight: 50 }, { pause: {} }]): Stage {
  const stage = new Stage(rolloutSpec('v1', 10, { ...ROUTED, steps }), decideRollout);
  stage.run();
  stage.setImage('v2');
  stage.run();
  return stage;
}

const runs = (stage: Stage): string[] => stage.cluster.list<AnalysisRun>('run').map((run) => run.metadata.name);

describe('an analysis step', () => {
  it('makes one run, marked with version, revision and step, and waits for its verdict', () => {
    const stage = measured();
    const hash = stage.status.currentPodHash;
    expect(stage.cluster.list<AnalysisRun>('run')).toMatchObject([
      {
        metadata: {
          name: `fraud-${hash}-2-1`,
          labels: { 'rollouts-pod-template-hash': hash, 'slipway.dev/step-index': '1' },
          annotations: { 'slipway.dev/revision': '2' },
          ownerReferences: [{ kind: 'Rollout', name: 'fraud', controller: true }],
        },
      },
    ]);
    expect(stage.status.canary?.currentStepAnalysisRunStatus).toEqual({ name: `fraud-${hash}-2-1`, status: 'Pending' });
    stage.wait(3600);
    expect(stage.status).toMatchObject({ phase: 'Progressing', step: '1/4' });
  });

  it('lets the update go on when it is good', () => {
    const stage = measured();
    stage.endRun('Successful');
    stage.run();
    expect([stage.weight, stage.status.step]).toEqual([50, '3/4']);
    expect(stage.takeReasons()).toContain('AnalysisRunSuccessful');
  });

  it.each(['Failed', 'Error'] as const)('aborts when the verdict is %s, with its numbers', (verdict) => {
    const stage = measured();
    stage.endRun(verdict);
    stage.reconciler.deliverAll();
    stage.reconciler.reconcile();
    expect(stage.weight).toBe(0);
    stage.run();
    expect(stage.status.phase).toBe('Degraded');
    const [name] = runs(stage);
    const number = verdict === 'Failed' ? '0.08' : '0.01';
    expect(stage.status.message).toBe(
      `RolloutAborted: Rollout aborted in step 2/4: AnalysisRun ${name} ${verdict}: error-rate ${number}`,
    );
  });

  it('waits for a person when it is inconclusive, who may go on', () => {
    const stage = measured();
    stage.endRun('Inconclusive');
    stage.run();
    expect(stage.status).toMatchObject({ phase: 'Paused', message: 'InconclusiveAnalysisRun', step: '1/4' });
    stage.wait(3600);
    expect(stage.weight).toBe(20);
    stage.promote();
    expect([stage.weight, stage.status.step]).toEqual([50, '3/4']);
  });

  it('is measured anew after a retry, and an old verdict counts for nothing', () => {
    const stage = measured();
    stage.endRun('Failed');
    stage.run();
    stage.cluster.patchStatus({ abort: false });
    stage.run();
    const hash = stage.status.currentPodHash;
    expect(runs(stage)).toEqual([`fraud-${hash}-2-1`, `fraud-${hash}-2-1.1`]);
    expect(stage.status).toMatchObject({ phase: 'Progressing', step: '1/4' });
    stage.endRun('Successful');
    stage.run();
    expect(stage.weight).toBe(50);
  });

  it('is stopped when nobody waits for it any more', () => {
    const terminated = (stage: Stage) => stage.cluster.list<AnalysisRun>('run').map((run) => run.spec.terminate);
    const aborted = measured();
    aborted.cluster.patchStatus({ abort: true });
    aborted.run();
    expect(terminated(aborted)).toEqual([true]);
    const replaced = measured();
    replaced.setImage('v1');
    replaced.run();
    expect(terminated(replaced)).toEqual([true]);
    const skipped = measured();
    skipped.cluster.patchStatus({ currentStepIndex: 2 });
    skipped.run();
    expect(terminated(skipped)).toEqual([true]);
    expect(skipped.weight).toBe(50);
  });

  it('may be the first step, and takes its run again after a crash between creation and status', () => {
    const stage = measured([ANALYSIS, { setWeight: 20 }, { pause: {} }]);
    const [name] = runs(stage);
    stage.setImage('v3');
    stage.reconciler.deliverAll();
    stage.reconciler.between = () => {
      if (runs(stage).length > 1) throw new Error('died');
    };
    expect(() => stage.decide()).toThrow('died');
    stage.reconciler.between = () => {};
    stage.reconciler.restart();
    stage.run();
    stage.endRun('Successful');
    stage.run();
    expect(stage.status.step).toBe('2/3');
    expect(runs(stage)[0]).toBe(name);
  });

  it('keeps a bad verdict even while the spec is paused', () => {
    const stage = measured();
    stage.cluster.changeSpec((spec) => ({ ...spec, paused: true }));
    stage.endRun('Failed');
    stage.run();
    expect([stage.weight, stage.status.abort]).toEqual([0, true]);
  });

  it('keeps a bad verdict even while other steps wait for a spec that cannot be used', () => {
    const stage = measured();
    stage.cluster.changeSpec((spec) => ({ ...spec, paused: true }));
    stage.setCanary({ steps: [{ setWeight: 20 }, { pause: {} }] });
    stage.run();
    expect(stage.weight).toBe(20);
    stage.endRun('Failed');
    stage.run();
    expect([stage.weight, stage.status.abort]).toEqual([0, true]);
  });

  it('whose argument cannot be resolved is reported, and goes on when it can', () => {
    const stage = measured();
    stage.templates = {
      errors: {
        state: 'found',
        spec: {
          args: [{ name: 'model' }],
          metrics: [{ name: 'e', provider: { prometheus: { address: 'http://p', query: 'q' } } }],
        },
      },
    };
    const args = [{ name: 'model', valueFrom: { fieldRef: { fieldPath: 'status.model.current.version' } } }];
    stage.setCanary({ steps: [{ setWeight: 20 }, { analysis: { ...ANALYSIS.analysis, args } }] });
    stage.run();
    expect(stage.status.message).toBe(
      'InvalidSpec: spec.strategy.canary.steps[1].analysis.args: argument "model": the Rollout has no value at status.model.current.version: correct the path or set the field',
    );
    stage.setCanary({
      steps: [{ setWeight: 20 }, { analysis: { ...ANALYSIS.analysis, args: [{ name: 'model', value: '8' }] } }],
    });
    stage.run();
    expect(stage.cluster.list<AnalysisRun>('run').at(-1)?.spec.args).toEqual([{ name: 'model', value: '8' }]);
  });
});
