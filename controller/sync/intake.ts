import { timestamp } from '../api/conditions.ts';
import type { Application, ApplicationOperation, ApplicationStatus } from '../api/generated/application.ts';
import { canonicalJson } from '../manifest/canonical.ts';
import { hasBegun, requestProblem, rollbackReason, takenOperation } from './requested.ts';

/** What a JSON patch does. */
export type JsonPatch = readonly { op: 'add' | 'remove' | 'replace'; path: string; value?: unknown }[];

/** What to do next about `operation` of an Application. */
export type Intake =
  | { type: 'none' }
  /** Write it into the status, in place of the operation there. */
  | { type: 'take'; status: ApplicationStatus }
  /** It stands in the status: remove it from the Application. */
  | { type: 'remove'; patch: JsonPatch }
  /** It was taken over and cannot be done. */
  | { type: 'refuse'; status: ApplicationStatus };

/**
 * Takes over what somebody asked for: into the status first, then away from the Application, and only then the first object
 * is written. Whoever dies in between finds the request in one place or in both: in both, not begun, it is the same one. One
 * that stands there after the first has begun is a new one, be it word for word the same.
 *
 * @param now milliseconds since the epoch
 */
export function nextIntake(application: Application, now: number): Intake {
  const { operation } = application;
  if (operation === undefined) {
    const problem = requestProblem(application, now);
    return problem === undefined
      ? { type: 'none' }
      : { type: 'refuse', status: failedRequest(application, problem, now) };
  }
  const state = application.status?.operationState;
  const taken = state?.phase === 'Running' && !hasBegun(application);
  if (taken && canonicalJson(state.operation ?? null) === canonicalJson(operation)) {
    return { type: 'remove', patch: removal(application, operation, now) };
  }
  const { selfHeal: _, sync, ...kept } = application.status ?? {};
  return {
    type: 'take',
    status: {
      ...kept,
      ...(sync !== undefined && { sync: forgetful(application, sync) }),
      operationState: takenOperation(application, operation, timestamp(now)),
    },
  };
}

/** The status when what somebody asked for has failed for good. */
export function failedRequest({ status }: Application, message: string, now: number): ApplicationStatus {
  const { nextRetryAt: _, ...state } = status?.operationState ?? { revision: '', startedAt: timestamp(now) };
  return { ...status, operationState: { ...state, phase: 'Failed', message, finishedAt: timestamp(now) } };
}

/** A sync by itself that is interrupted starts again afterwards. */
function forgetful({ status }: Application, sync: NonNullable<ApplicationStatus['sync']>): typeof sync {
  if (status?.operationState?.phase === 'Succeeded') return sync;
  const { specHash: _, ...kept } = sync;
  return kept;
}

/** The version makes the API server refuse the patch when anything of the Application has changed since. */
function removal(application: Application, operation: ApplicationOperation, now: number): JsonPatch {
  // What is refused in a moment rolls nothing back.
  const refused = requestProblem(application, now) !== undefined;
  const reason = refused ? undefined : rollbackReason(application, operation);
  return [
    { op: 'replace', path: '/metadata/resourceVersion', value: application.metadata.resourceVersion },
    { op: 'remove', path: '/operation' },
    ...(reason === undefined
      ? []
      : [
          { op: 'add' as const, path: '/spec/suspend', value: true },
          { op: 'add' as const, path: '/spec/suspendReason', value: reason },
        ]),
  ];
}
