import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blueGreenSpec, Stage } from '../../../test/simulate/stage.ts';
import type { Rollout } from '../../api/generated/rollout.ts';
import { decideRollout } from '../decide.ts';

const ERRORS = { templates: [{ templateName: 'errors' }] };

/** v2 waits in its preview. */
function paused(): Stage {
  const stage = new Stage(blueGreenSpec('v1', 3, { autoPromotionEnabled: false }), decideRollout);
  stage.run();
  stage.setImage('v2');
  stage.run();
  return stage;
}

const NO_TEMPLATE = 'AnalysisTemplate "none" does not exist: create it or correct the name';

describe('a blue-green spec that cannot be acted on', () => {
  it.each<[string, (stage: Stage) => void, string]>([
    [
      'a missing Service',
      (stage) => stage.setBlueGreen({ previewService: 'none' }),
      'spec.strategy.blueGreen.previewService: Service "none" does not exist: create it or correct the name',
    ],
    [
      'one Service for both',
      (stage) => stage.setBlueGreen({ previewService: 'active' }),
      'spec.strategy.blueGreen.previewService: must be another Service than activeService',
    ],
    [
      'no Service',
      (stage) => stage.setBlueGreen({ activeService: '' }),
      'spec.strategy.blueGreen.activeService: name the Service that gets the requests',
    ],
    [
      'a missing template before the promotion',
      (stage) => stage.setBlueGreen({ prePromotionAnalysis: { templates: [{ templateName: 'none' }] } }),
      `spec.strategy.blueGreen.prePromotionAnalysis.templates[0]: ${NO_TEMPLATE}`,
    ],
    [
      'a missing template after it',
      (stage) => stage.setBlueGreen({ postPromotionAnalysis: { templates: [{ templateName: 'none' }] } }),
      `spec.strategy.blueGreen.postPromotionAnalysis.templates[0]: ${NO_TEMPLATE}`,
    ],
    [
      'two strategies',
      (stage) =>
        stage.cluster.changeSpec((spec) => ({ ...spec, strategy: { ...spec.strategy, canary: { steps: [] } } })),
      'spec.strategy: write exactly one of canary, blueGreen',
    ],
    [
      'none',
      (stage) => stage.cluster.changeSpec((spec) => ({ ...spec, strategy: {} })),
      'spec.strategy: write exactly one of canary, blueGreen',
    ],
    [
      'pods that may be missing',
      (stage) => stage.setBlueGreen({ maxUnavailable: 'few' }),
      'spec.strategy.blueGreen.maxUnavailable: "few" is neither a number of pods nor a percentage such as 25%',
    ],
  ])('%s is named with the remedy, and nothing loses its pods', (_what, spoil, message) => {
    const stage = paused();
    const good = stage.cluster.rollout.spec.strategy;
    spoil(stage);
    stage.run();
    expect([stage.condition('InvalidSpec')?.message, stage.status.phase]).toEqual([message, 'Degraded']);
    expect(stage.pods['v1']).toBe(3);
    stage.cluster.changeSpec((spec) => ({ ...spec, strategy: good }));
    stage.run();
    expect([stage.behind('active'), stage.behind('preview'), stage.status.message]).toEqual([
      'v1',
      'v2',
      'BlueGreenPause',
    ]);
  });

  it('leaves a Service alone that another Rollout has', () => {
    const stage = paused();
    const service = stage.cluster.get('service', 'active');
    const annotations = { 'slipway.dev/managed-by-rollout': 'other' };
    stage.cluster.put('service', { ...service, metadata: { ...service?.metadata, annotations } } as never);
    stage.promote();
    expect(stage.behind('active')).toBe('v1');
    expect(stage.condition('InvalidSpec')?.message).toContain('Service "active" is managed by Rollout "other"');
  });
});

it('no blue-green strategy and no status of one stops a decision', () => {
  const stage = paused();
  const junk = fc.anything({ maxDepth: 3 });
  const analysis = fc.oneof(junk, fc.record({ templates: junk, args: junk }), fc.constant(ERRORS));
  const blueGreen = fc.oneof(
    junk,
    fc.record({
      activeService: fc.oneof(junk, fc.constant('active')),
      previewService: junk,
      previewReplicaCount: junk,
      autoPromotionSeconds: junk,
      scaleDownDelaySeconds: junk,
      maxUnavailable: junk,
      prePromotionAnalysis: analysis,
      postPromotionAnalysis: analysis,
    }),
  );
  const said = fc.oneof(
    junk,
    fc.record({ scaleUpPreviewCheckPoint: fc.boolean(), served: junk, activeSelector: junk, fastTracked: junk }),
  );
  fc.assert(
    fc.property(blueGreen, said, (some, status) => {
      const snapshot = stage.reconciler.snapshot();
      const spec = { ...snapshot.rollout.spec, strategy: { blueGreen: some } };
      const rollout = { ...snapshot.rollout, spec, status: { ...snapshot.rollout.status, blueGreen: status } };
      const decision = decideRollout({ ...snapshot, rollout: rollout as unknown as Rollout }, stage.cluster.now);
      expect(decision.status.phase).toBeDefined();
    }),
    { numRuns: 1000 },
  );
});
