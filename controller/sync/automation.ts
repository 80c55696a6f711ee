import { timestamp } from '../api/conditions.ts';
import type { Application, ApplicationStatus } from '../api/generated/application.ts';

/** Whether an Application is synced by itself, and if not, why. */
export interface Automation {
  state: 'Active' | 'Manual' | 'Suspended';
  message?: string;
}

/**
 * Decides by the spec alone: a suspension is a wish of its user and never ends by itself. It is also asked about Applications
 * that were stored before their CRD would refuse them, so the spec may be anything.
 */
export function automationOf(application: Application): Automation {
  const spec: Partial<Application['spec']> = application.spec ?? {};
  const automated = spec.syncPolicy?.automated;
  if (spec.suspend === true) {
    const message = typeof spec.suspendReason === 'string' ? spec.suspendReason : 'spec.suspend is true';
    return { state: 'Suspended', message };
  }
  if (!automated) return { state: 'Manual', message: 'spec.syncPolicy.automated is not there' };
  if (automated.enabled === false) return { state: 'Manual', message: 'spec.syncPolicy.automated.enabled is false' };
  return { state: 'Active' };
}

/**
 * `status.automation`: since when it is as it is.
 *
 * @param held what syncs by themselves wait for, if they wait
 * @param now milliseconds since the epoch
 */
export function nextAutomation(
  application: Application,
  held: string | undefined,
  now: number,
): NonNullable<ApplicationStatus['automation']> {
  const wished = automationOf(application);
  const next = wished.state === 'Active' && held !== undefined ? { state: 'Held' as const, message: held } : wished;
  const old = application.status?.automation;
  const since = old?.state === next.state ? old.since : timestamp(now);
  return { ...next, since };
}
