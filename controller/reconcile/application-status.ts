import { APPLICATION_RESOURCE, type Application, type ApplicationStatus } from '../api/generated/application.ts';
import type { EventRecorder, KubeClient } from '../kube/types.ts';
import { canonicalJson } from '../manifest/canonical.ts';
import { withKnownDigests } from '../sync/compared.ts';
import { eventsBetween } from '../sync/transitions.ts';
import { isUnwritable } from './unwritable-status.ts';

/**
 * Writes the status if it differs from what was read, with a precondition on that, and records the Events for the step from
 * `told`, which is what was read unless a write before was silent. `told` undefined: this write is silent. Returns the Application as it is now; as before when its spec lets no status be written. A lost race throws a conflict:
 * the next pass starts from what the other one wrote.
 */
export async function writeStatus(
  client: KubeClient,
  events: EventRecorder,
  application: Application,
  status: ApplicationStatus,
  told: { status?: ApplicationStatus | undefined } | undefined,
  signal: AbortSignal,
): Promise<Application> {
  const { resources } = status;
  const news = resources && { resources: withKnownDigests(application.status?.resources, resources) };
  if (canonicalJson(application.status ?? {}) === canonicalJson({ ...status, ...news })) return application;
  const { apiVersion, kind, metadata, spec } = application;
  const body = { apiVersion, kind, metadata, spec, status };
  const written = await client
    .update(APPLICATION_RESOURCE, body, { subresource: 'status', signal })
    .catch((error: unknown) => {
      if (isUnwritable(application, error)) return application;
      throw error;
    });
  for (const { type, reason, message } of told === undefined ? [] : eventsBetween(told.status, status)) {
    events.event(application, type, reason, message);
  }
  return written as Application;
}
