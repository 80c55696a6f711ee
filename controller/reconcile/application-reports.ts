import type { Discovery, EventRecorder, KubeClient, ReconcileResult, Store } from '../kube/types.ts';
import type { Clock } from '../platform/clock.ts';
import { userRules } from '../sync/health/user-rules.ts';
import { failedRequest } from '../sync/intake.ts';
import { handled } from '../sync/look.ts';
import { requestedSync } from '../sync/requested.ts';
import type { SourceFailure } from '../sync/source/state.ts';
import { statusAfterSourceFailure } from '../sync/status.ts';
import { entryId, healthOf } from '../sync/status-resources.ts';
import { servedAs } from './application-kinds.ts';
import { followObjects, kindsFor } from './application-objects.ts';
import { type SyncRun, writeRun } from './application-run.ts';
import { typeOf } from './application-snapshot.ts';
import type { ApplicationWatches } from './application-watches.ts';

/** What reporting needs. */
export interface ReportDeps {
  client: KubeClient;
  discovery: Discovery;
  events: EventRecorder;
  clock: Clock;
  watches: ApplicationWatches;
  /** CustomResourceDefinitions. */
  definitions: Store;
}

/** What was asked for cannot be done, now or at all. How the Application stands otherwise is none of its business. */
export async function reportRequest(
  deps: ReportDeps,
  run: SyncRun,
  { message, retryable }: Pick<SourceFailure, 'message' | 'retryable'>,
): Promise<ReconcileResult> {
  const { status } = run.application;
  const operationState = status?.operationState && { ...status.operationState, message };
  const waiting = { ...status, ...(operationState && { operationState }) };
  const next = retryable ? waiting : failedRequest(run.application, message, deps.clock.now());
  await writeRun(deps, run, run.application, next, { status });
  return {};
}

/** Git could not be fetched or read. What runs is left alone and keeps being reported; only its health is looked at. */
export async function reportFailure(deps: ReportDeps, run: SyncRun, failure: SourceFailure): Promise<ReconcileResult> {
  if (requestedSync(run.application) !== undefined) return await reportRequest(deps, run, failure);
  const { watches, clock } = deps;
  const kinds = await kindsFor(deps, run, []);
  const patience = followObjects(watches, run, kinds, { objects: [], hooks: [] });
  if (patience > 0) return { requeueAfterMs: patience };
  const rules = userRules(run.application);
  const resources = (run.application.status?.resources ?? []).map((entry) => {
    const resource = servedAs(kinds, typeOf(entry));
    const health = resource === undefined ? undefined : healthOf(watches.cached(resource, entryId(entry)), rules);
    return health === undefined ? entry : { ...entry, health };
  });
  const status = statusAfterSourceFailure(run.application, failure, resources, run.hold, clock.now());
  await writeRun(deps, run, run.application, handled(status, run.asked), { status: run.application.status });
  return {};
}
