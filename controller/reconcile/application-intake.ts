import { APPLICATION_RESOURCE, type Application } from '../api/generated/application.ts';
import { OPERATION_FIELD_MANAGER } from '../api/names.ts';
import { type EventRecorder, type KubeClient, keyOf } from '../kube/types.ts';
import type { Clock } from '../platform/clock.ts';
import { nextIntake } from '../sync/intake.ts';
import { writeStatus } from './application-status.ts';

/** Take, remove, refuse. */
const STEPS = 3;

export interface IntakeDeps {
  client: KubeClient;
  events: EventRecorder;
  clock: Clock;
}

/**
 * Takes over what somebody asked for, step by step; see {@link nextIntake}. Returns the Application as it is afterwards;
 * the very same when there was nothing to do. A lost race throws a conflict.
 */
export async function takeOver(
  { client, events, clock }: IntakeDeps,
  application: Application,
  signal: AbortSignal,
): Promise<Application> {
  const options = { fieldManager: OPERATION_FIELD_MANAGER, signal };
  let current = application;
  for (let steps = 0; steps < STEPS; steps++) {
    const intake = nextIntake(current, clock.now());
    switch (intake.type) {
      case 'none':
        return current;
      case 'take':
      case 'refuse':
        current = await writeStatus(client, events, current, intake.status, current, signal);
        break;
      case 'remove': {
        const type = 'application/json-patch+json';
        current = (await client.patch(
          APPLICATION_RESOURCE,
          keyOf(current),
          type,
          intake.patch,
          options,
        )) as Application;
      }
    }
  }
  return current;
}
