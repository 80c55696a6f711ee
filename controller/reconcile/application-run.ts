import type { Application, ApplicationStatus } from '../api/generated/application.ts';
import type { EventRecorder, KubeClient, ObjectKey } from '../kube/types.ts';
import type { Hold } from '../sync/hold.ts';
import { asRequested } from '../sync/requested.ts';
import type { SourceState } from '../sync/source/state.ts';
import type { ApplicationMemory } from './application-memory.ts';
import { writeStatus } from './application-status.ts';

/** One Application at one moment. */
export interface SyncRun {
  key: ObjectKey;
  /** As the sync that somebody asked for sees it, see {@link asRequested}. */
  application: Application;
  memory: ApplicationMemory;
  source: SourceState;
  /** Somebody asked, by this word, to look at Git, which was done, and to look at every object, which this pass does. */
  asked: string | undefined;
  /** What must happen before a sync starts by itself. */
  hold: Hold | undefined;
  signal: AbortSignal;
}

/** Writes a status as {@link writeStatus} does, and remembers it: the cache runs behind. */
export async function writeRun(
  { client, events }: { client: KubeClient; events: EventRecorder },
  run: SyncRun,
  application: Application,
  status: ApplicationStatus,
  told: { status?: ApplicationStatus | undefined } | undefined,
): Promise<Application> {
  const written = await writeStatus(client, events, application, status, told, run.signal);
  run.memory.wrote(written);
  return asRequested(written);
}
