import { describe, expect, it } from 'vitest';
import { ROUTED, rolloutSpec, Stage } from '../../test/simulate/stage.ts';
import type { AnalysisRun } from '../api/generated/analysisrun.ts';
import type { RolloutSpecStrategyCanary } from '../api/generated/rollout.ts';
import { decideRollout } from './decide.ts';

const TEMPLATES = [{ templateName: 'errors' }];
const STEPS = [{ setWeight: 20 }, { pause: {} }, { setWeight: 50 }, { pause: {} }];

/** A rollout of v2, measured beside its steps. */
function updating(canary: Partial<RolloutSpecStrategyCanary> = {}): Stage {
  const change = { ...ROUTED, steps: STEPS, analysis: { templates: TEMPLATES }, ...canary };
  const stage = new Stage(rolloutSpec('v1', 10, change), decideRollout);
  stage.run();
  stage.wait(60);
  stage.setImage('v2');
  stage.run();
  return stage;
}

const runs = (stage: Stage): AnalysisRun[] => stage.cluster.list<AnalysisRun>('run');
const names = (stage: Stage): string[] => runs(stage).map(({ metadata }) => metadata.name);

describe('an analysis beside the steps', () => {
  it('begins with the update and goes on through its steps', () => {
    const stage = updating();
    const name = `fraud-${stage.status.currentPodHash}-2`;
    expect(runs(stage)).toMatchObject([{ metadata: { name, labels: { 'slipway.dev/rollout-type': 'Background' } } }]);
    expect(stage.status.canary?.currentBackgroundAnalysisRunStatus).toEqual({ name, status: 'Pending' });
    expect([stage.weight, stage.status.phase, stage.status.step]).toEqual([20, 'Paused', '1/4']);
    stage.promote();
    expect([stage.weight, names(stage)]).toEqual([50, [name]]);
  });

  it('is stopped by the promotion', () => {
    const stage = updating();
    stage.promote();
    stage.promote();
    stage.wait(31);
    expect(stage.status.phase).toBe('Healthy');
    expect(runs(stage)[0]?.spec.terminate).toBe(true);
    expect(stage.status.canary?.currentBackgroundAnalysisRunStatus).toBeUndefined();
  });

  it('begins no earlier than with startingStep', () => {
    const stage = updating({ analysis: { templates: TEMPLATES, startingStep: 2 } });
    expect(names(stage)).toEqual([]);
    stage.promote();
    expect(names(stage)).toHaveLength(1);
  });

  it.each(['Failed', 'Error'] as const)('%s aborts in the middle of a pause', (verdict) => {
    const stage = updating();
    stage.endRun(verdict);
    stage.run();
    expect([stage.weight, stage.status.phase]).toEqual([0, 'Degraded']);
    expect(stage.status.message).toContain(
      `in the analysis beside the steps: AnalysisRun ${names(stage)[0]} ${verdict}`,
    );
    expect(stage.status.canary?.currentBackgroundAnalysisRunStatus?.status).toBe(verdict);
  });

  it('that ends as good early changes nothing', () => {
    const stage = updating();
    stage.endRun('Successful');
    stage.promote();
    expect([stage.weight, names(stage)]).toEqual([50, [expect.any(String)]]);
  });

  it('without a verdict pauses the update; a promotion has it measured once more', () => {
    const stage = updating();
    const [first] = names(stage);
    stage.promote();
    stage.endRun('Inconclusive');
    stage.run();
    expect(stage.status.pauseConditions).toMatchObject([{ reason: 'InconclusiveAnalysisRun' }]);
    expect(stage.status.message).toBe('InconclusiveAnalysisRun');
    stage.wait(3600);
    expect([stage.weight, stage.status.step]).toEqual([50, '3/4']);
    stage.promote();
    expect(names(stage)).toEqual([first, `${first}.1`]);
    stage.endRun('Failed');
    stage.run();
    expect([stage.weight, stage.status.phase]).toEqual([0, 'Degraded']);
  });

  it('has a run of its own after a retry', () => {
    const stage = updating();
    stage.cluster.patchStatus({ abort: true });
    stage.run();
    expect(runs(stage)[0]?.spec.terminate).toBe(true);
    stage.cluster.patchStatus({ abort: false });
    stage.run();
    expect(names(stage)[1]).toBe(`${names(stage)[0]}.1`);
  });

  it('is left out on the way back to the version that serves', () => {
    const stage = updating();
    stage.setImage('v1');
    stage.run();
    expect(names(stage)).toHaveLength(1);
    expect([stage.weight, runs(stage)[0]?.spec.terminate]).toEqual([0, true]);
  });

  it('without steps begins with the update too, and its bad verdict comes before the promotion', () => {
    const stage = new Stage(
      rolloutSpec('v1', 2, { ...ROUTED, steps: [], analysis: { templates: TEMPLATES } }),
      decideRollout,
    );
    stage.run();
    stage.setImage('v2');
    stage.decide();
    expect(names(stage)).toHaveLength(1);
    stage.endRun('Failed');
    stage.run();
    expect(stage.status).toMatchObject({ phase: 'Degraded', abort: true });
  });

  it('that names a template that is not there is an InvalidSpec by its field', () => {
    const stage = updating({ analysis: { templates: [{ templateName: 'missing' }] } });
    expect(stage.condition('InvalidSpec')).toMatchObject({
      status: 'True',
      message: expect.stringContaining('spec.strategy.canary.analysis.templates[0]'),
    });
    expect(stage.weight).toBe(0);
  });
});
