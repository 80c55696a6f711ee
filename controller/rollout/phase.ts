import { findCondition } from '../api/conditions.ts';
import type { RolloutStatus } from '../api/generated/rollout.ts';
import { Reason } from '../api/reasons.ts';
import { cutoverMessage } from './blue-green/status.ts';
import type { Settings } from './settings.ts';
import type { WantedVersion } from './wanted-version.ts';

export interface Phase {
  phase: NonNullable<RolloutStatus['phase']>;
  message: string | undefined;
}

/** Phase and its reason for people: evaluated from the top, the first that applies counts. */
export function phaseOf(status: RolloutStatus, settings: Settings, wanted: WantedVersion, restarting = false): Phase {
  const invalid = findCondition(status.conditions, 'InvalidSpec');
  if (invalid?.status === 'True') return { phase: 'Degraded', message: `InvalidSpec: ${invalid.message}` };
  if (wanted.state === 'blocked' && wanted.by === 'refused') {
    return { phase: 'Degraded', message: `${wanted.code}: ${wanted.message}` };
  }
  const bad = (status.conditions ?? []).find(
    ({ reason }) => reason === Reason.RolloutAborted || reason === Reason.ProgressDeadlineExceeded,
  );
  if (bad !== undefined) return { phase: 'Degraded', message: `${bad.reason}: ${bad.message}` };
  if (settings.paused) return { phase: 'Paused', message: 'manually paused' };
  const pause = status.pauseConditions?.[0];
  if (pause !== undefined) return { phase: 'Paused', message: pause.reason };
  if (wanted.state === 'blocked') return { phase: 'Progressing', message: `${wanted.code}: ${wanted.message}` };
  const progressing = (message: string): Phase => ({ phase: 'Progressing', message });
  if (wanted.state === 'known' && wanted.unsettled !== undefined) {
    return progressing(`${Reason.ConfigPending}: ${wanted.unsettled}`);
  }
  if (restarting) return progressing('rollout is restarting');
  const updated = status.updatedReplicas ?? 0;
  if (updated < settings.replicas) return progressing('more replicas need to be updated');
  // Those of a blue-green preview do not count as available yet, so they are counted apart.
  const available = settings.blueGreen ? status.blueGreen?.updatedAvailableReplicas : status.availableReplicas;
  if ((available ?? 0) < updated) return progressing('updated replicas are still becoming available');
  const { blueGreen } = settings;
  if (blueGreen !== undefined) {
    const analysed = blueGreen.after !== undefined && status.blueGreen?.fastTracked !== true;
    const pending = cutoverMessage(status, analysed);
    return pending === undefined ? { phase: 'Healthy', message: undefined } : progressing(pending);
  }
  if (!settings.routed && (status.replicas ?? 0) > updated) return progressing('old replicas are pending termination');
  if (status.stableRS === undefined || status.stableRS !== status.currentPodHash) {
    return progressing('waiting for all steps to complete');
  }
  if (settings.routed && !isBackAtStable(status))
    return progressing('waiting for the requests to go to the stable Service');
  return { phase: 'Healthy', message: undefined };
}

/** After a promotion the canary Service still has the requests until the stable one points at the new version. */
function isBackAtStable({ canary, stableRS }: RolloutStatus): boolean {
  const weights = canary?.weights;
  return weights === undefined || (weights.canary.weight === 0 && weights.stable.podTemplateHash === stableRS);
}
