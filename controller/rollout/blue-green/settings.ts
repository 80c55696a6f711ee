import type { RolloutSpecStrategyBlueGreenPrePromotionAnalysis } from '../../api/generated/rollout.ts';
import { asInteger, asList, asObject, asText } from '../plain.ts';

/** What to measure before or after the promotion. */
export type PromotionAnalysis = RolloutSpecStrategyBlueGreenPrePromotionAnalysis;

/** spec.strategy.blueGreen with all defaults, but for what a canary has too. Times are milliseconds. */
export interface BlueGreenSettings {
  /** undefined makes no sense and is reported by validation. */
  activeService: string | undefined;
  previewService: string | undefined;
  /** Pods of the new version until everything before the promotion is done. */
  previewReplicas: number;
  /** Wait for a person, or for `autoPromotionMs`, before the requests move. */
  pauses: boolean;
  /** undefined: only a person ends the pause. */
  autoPromotionMs: number | undefined;
  /** How many old revisions may keep their pods during their delay. */
  delayedRevisions: number;
  before: PromotionAnalysis | undefined;
  after: PromotionAnalysis | undefined;
}

const MAX_INT32 = 2 ** 31 - 1;

/** Total: what makes no sense gets its default here and is reported by validation. */
export function blueGreenSettings(raw: Record<string, unknown>, replicas: number): BlueGreenSettings {
  const count = (name: string): number | undefined => asInteger(raw[name], 0, MAX_INT32);
  const seconds = count('autoPromotionSeconds') ?? 0;
  return {
    activeService: asText(raw['activeService']),
    previewService: asText(raw['previewService']),
    previewReplicas: replicas === 0 ? 0 : (count('previewReplicaCount') ?? replicas),
    pauses: raw['autoPromotionEnabled'] === false || seconds > 0,
    autoPromotionMs: seconds > 0 ? seconds * 1000 : undefined,
    delayedRevisions: count('scaleDownDelayRevisionLimit') ?? MAX_INT32,
    before: analysis(raw['prePromotionAnalysis']),
    after: analysis(raw['postPromotionAnalysis']),
  };
}

/** An analysis without templates is kept, so that validation can say so: it must not count as none. */
function analysis(raw: unknown): PromotionAnalysis | undefined {
  const value = asObject(raw);
  return value === undefined
    ? undefined
    : ({ ...value, templates: asList(value['templates']) } as unknown as PromotionAnalysis);
}
