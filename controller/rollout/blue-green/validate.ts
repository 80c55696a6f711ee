import { mergeAnalysis } from '../analysis-templates.ts';
import type { Problem } from '../problem.ts';
import type { Settings } from '../settings.ts';
import type { RolloutSnapshot } from '../snapshot.ts';
import { analysisField } from './judge.ts';
import type { BlueGreenSettings } from './settings.ts';

/** What of the strategy itself cannot be used. */
export function blueGreenProblems({ activeService, previewService }: BlueGreenSettings): readonly Problem[] {
  if (activeService === undefined) {
    return [{ field: 'spec.strategy.blueGreen.activeService', problem: 'name the Service that gets the requests' }];
  }
  if (activeService !== previewService) return [];
  const problem = 'must be another Service than activeService';
  return [{ field: 'spec.strategy.blueGreen.previewService', problem, service: activeService }];
}

/** What of the analyses before and after the promotion cannot be used. */
export function promotionAnalysisProblems(snapshot: RolloutSnapshot, { blueGreen }: Settings): readonly Problem[] {
  const sources = { rollout: snapshot.rollout, stableHash: undefined, latestHash: undefined };
  return (['pre', 'post'] as const).flatMap((when) => {
    const analysis = when === 'pre' ? blueGreen?.before : blueGreen?.after;
    if (analysis === undefined) return [];
    const merged = mergeAnalysis(analysis, snapshot.templates, sources, true);
    return 'problem' in merged ? [{ field: analysisField(when, merged.field), problem: merged.problem }] : [];
  });
}
