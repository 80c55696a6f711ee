import { setCondition, timestamp } from '../api/conditions.ts';
import type { Application, ApplicationStatus, ApplicationStatusResource } from '../api/generated/application.ts';
import { RESOURCES_FINALIZER } from '../api/names.ts';
import { Reason } from '../api/reasons.ts';
import type { KubeObject } from '../kube/types.ts';
import { describeId } from '../manifest/identity.ts';
import { type DeletionDecision, type DeletionTarget, goingSince, isBlocked } from './deletion.ts';
import { counted, listed } from './describe.ts';
import { listAt, textAt } from './health/read.ts';
import { type UserRules, userRules } from './health/user-rules.ts';
import { healthOf } from './status-resources.ts';

/** Says that the Application waits for its objects to go, and for which, or why none goes. */
export const DELETING_CONDITION = 'Deleting';

/**
 * The status of an Application that is deleted. What is left of the inventory stays listed, so that a restart goes on with
 * it; the rest stays as it was. Texts hold times, not durations: they must not change while nothing does.
 *
 * @param now milliseconds since the epoch
 */
export function statusWhileDeleting(
  application: Application,
  decision: DeletionDecision & { type: 'unknown' | 'act' | 'wait' },
  now: number,
): ApplicationStatus {
  const old = application.status ?? {};
  const { generation } = application.metadata;
  const observed = generation === undefined ? {} : { observedGeneration: generation };
  const { reason, message } = describe(decision, now);
  const next = { type: DELETING_CONDITION, status: 'True' as const, reason, message, ...observed };
  return {
    ...old,
    ...observed,
    message,
    ...(decision.type !== 'unknown' && {
      resources: decision.left.filter(({ hook }) => !hook).map((target) => entryOf(target, userRules(application))),
    }),
    conditions: [...setCondition(old.conditions ?? [], next, now)],
  };
}

function describe(
  decision: DeletionDecision & { type: 'unknown' | 'act' | 'wait' },
  now: number,
): { reason: string; message: string } {
  switch (decision.type) {
    case 'unknown': {
      const known = `${RESOURCES_FINALIZER}/foreground, /background or /orphan`;
      const message = `nothing is deleted: metadata.finalizers has ${decision.finalizer}, which is none of ${known}; remove it, and the objects stay`;
      return { reason: Reason.DeletionUnknown, message };
    }
    case 'act': {
      const verb = decision.policy === 'orphan' ? 'releasing' : 'deleting';
      return {
        reason: Reason.Deleting,
        message: `${verb} ${counted(decision.left.length, 'object')} (${decision.policy})`,
      };
    }
    case 'wait': {
      const blocked = decision.stage.filter((target) => isBlocked(target, now));
      // What holds up the rest comes first: the list is cut off.
      const waitsFor = [...blocked, ...decision.stage.filter((target) => !blocked.includes(target))];
      const message = `${counted(decision.left.length, 'object')} left (${decision.policy}); waiting for ${listed(waitsFor.map(describeTarget))}`;
      return { reason: blocked.length > 0 ? Reason.DeletionBlocked : Reason.Deleting, message };
    }
  }
}

function describeTarget(target: DeletionTarget): string {
  return `${describeId(target.id)}: ${whatHolds(target) ?? 'not gone yet'}`;
}

/** What keeps an object from going, in words; undefined when it was not asked to go. */
function whatHolds({ kindTrouble, failure, asked }: DeletionTarget): string | undefined {
  if (typeof kindTrouble === 'object') return kindTrouble.message;
  if (failure !== undefined) return failure.message;
  if (asked?.awaits !== undefined) return asked.awaits.message;
  const since = goingSince(asked?.object);
  if (asked === undefined || since === undefined) return undefined;
  const { finalizers = [] } = asked.object.metadata;
  const others = finalizers.filter((finalizer) => finalizer !== 'foregroundDeletion');
  const holds = [
    ...(others.length > 0 ? [`finalizer ${others.join(', ')}`] : []),
    ...(others.length < finalizers.length ? ['the objects that it owns'] : []),
    ...remains(asked.object),
  ];
  return `being deleted since ${timestamp(since)}${holds.length > 0 ? `, waits for ${holds.join('; ')}` : ''}`;
}

/** A Namespace and a CustomResourceDefinition say in conditions what they still hold. */
const REMAINS: ReadonlySet<string> = new Set([
  'NamespaceDeletionDiscoveryFailure',
  'NamespaceDeletionGroupVersionParsingFailure',
  'NamespaceDeletionContentFailure',
  'NamespaceContentRemaining',
  'NamespaceFinalizersRemaining',
  'Terminating',
]);

function remains(object: KubeObject): string[] {
  return listAt(object, 'status', 'conditions')
    .filter((condition) => REMAINS.has(textAt(condition, 'type')) && textAt(condition, 'status') === 'True')
    .map((condition) => textAt(condition, 'message').replace(/\s+/g, ' ').trim())
    .filter((message) => message !== '');
}

function entryOf(target: DeletionTarget, rules: UserRules): ApplicationStatusResource {
  const { message: _, health: before, requiresDeletionConfirmation: __, ...entry } = target.entry;
  const message = whatHolds(target);
  const health = (target.asked && healthOf({ state: 'present', object: target.asked.object }, rules)) ?? before;
  const confirm = target.asked?.awaits !== undefined;
  return {
    ...entry,
    ...(confirm && { requiresDeletionConfirmation: true }),
    ...(message !== undefined && { message }),
    ...(health !== undefined && { health }),
  };
}
