import type { Application, ApplicationStatus } from '../api/generated/application.ts';
import { automationOf } from '../sync/automation.ts';

/** Whether an Application is synced by itself, why not, and since when. */
export type KnownAutomation = Pick<NonNullable<ApplicationStatus['automation']>, 'state' | 'message'> & {
  /** Undefined when the controller has not said so yet. */
  since?: string;
};

/** What the controller says as long as it speaks of the present spec, else what can be read from that. */
export function knownAutomation(application: Application): KnownAutomation {
  const { metadata, status } = application;
  const said = status?.observedGeneration === metadata.generation ? status?.automation : undefined;
  return said ?? automationOf(application);
}

/** What holds an Application that is synced by itself otherwise, and until when as far as that is known. */
export function heldFor(application: Application): string | undefined {
  const { state, message } = knownAutomation(application);
  return state === 'Held' ? (message ?? 'the controller does not say why') : undefined;
}
