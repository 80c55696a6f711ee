import type { Application, ApplicationStatusResource } from '../api/generated/application.ts';
import { DELETION_APPROVED_ANNOTATION, GROUP, RESOURCES_FINALIZER } from '../api/names.ts';
import type { KubeObject } from '../kube/types.ts';
import { formatObjectId, type ObjectId } from '../manifest/identity.ts';
import type { Cached } from './live.ts';
import { annotation } from './object-options.ts';
import { pruneStages } from './order.ts';

/**
 * What happens to the objects of an Application that is deleted. `foreground`: each is gone, with all that it owns, before
 * the next; `background`: the garbage collector deletes what they own in its own time; `orphan`: they stay, tracked no longer.
 */
export type DeletionPolicy = 'foreground' | 'background' | 'orphan';

export type DeletionIntent =
  /** No finalizer of ours: the objects stay as they are. */
  | { type: 'none' }
  /** A finalizer of ours that nobody knows the meaning of; guessing could delete what was to stay. */
  | { type: 'unknown'; finalizer: string }
  | { type: 'policy'; policy: DeletionPolicy };

/** In order of precedence: what keeps more, and then what promises more, wins over the others. */
const POLICIES: readonly [DeletionPolicy, readonly string[]][] = [
  ['orphan', [`${RESOURCES_FINALIZER}/orphan`]],
  ['foreground', [RESOURCES_FINALIZER, `${RESOURCES_FINALIZER}/foreground`]],
  ['background', [`${RESOURCES_FINALIZER}/background`]],
];
const KNOWN: ReadonlySet<string> = new Set(POLICIES.flatMap(([, names]) => names));

/** What the finalizers of an Application ask for. */
export function deletionIntent(finalizers: readonly string[] = []): DeletionIntent {
  const ours = finalizers.filter(isResourcesFinalizer);
  const unknown = ours.find((finalizer) => !KNOWN.has(finalizer));
  if (unknown !== undefined) return { type: 'unknown', finalizer: unknown };
  const found = POLICIES.find(([, names]) => names.some((name) => ours.includes(name)));
  return found === undefined ? { type: 'none' } : { type: 'policy', policy: found[0] };
}

export function isResourcesFinalizer(finalizer: string): boolean {
  return finalizer === RESOURCES_FINALIZER || finalizer.startsWith(`${RESOURCES_FINALIZER}/`);
}

/** What the API server said when it was last asked in this deletion. */
export interface AskedObject {
  /** Milliseconds since the epoch. */
  at: number;
  object: KubeObject;
  /** What the cache said then: {@link cacheMark}. */
  mark: string;
  /** Why it waits for a person, when it does, and what the Application said about that then ({@link approvalOf}). */
  awaits?: { message: string; approval: string };
}

/** A request that failed, how often in a row, and when it is made again (ms since the epoch). */
export interface RemovalFailure {
  message: string;
  failures: number;
  retryAt: number;
}

/** An object of the inventory, with what is known of it. */
export interface DeletionTarget {
  id: ObjectId;
  key: string;
  entry: ApplicationStatusResource;
  /** It was made for a sync only, and is no part of the inventory. */
  hook: boolean;
  /** Undefined when the kind is served; `gone` when the cluster does not know it; else why that cannot be told. */
  kindTrouble: undefined | 'gone' | { message: string };
  /** What the cache says. */
  cached: Cached;
  asked: AskedObject | undefined;
  /** The API server said that it is gone, or not ours any more. */
  settled: boolean;
  failure: RemovalFailure | undefined;
}

/** Everything that one decision about the deletion of an Application may look at. */
export interface DeletionSnapshot {
  application: Application;
  targets: readonly DeletionTarget[];
  /** What it is in and goes with, see {@link takenAlongBy}; undefined when it is deleted itself. */
  container?: string | undefined;
}

export type DeletionDecision =
  | { type: 'none' }
  | { type: 'unknown'; finalizer: string }
  /** Ask the API server about these, and delete (or release) those that are still there and ours. */
  | { type: 'act'; policy: DeletionPolicy; targets: readonly DeletionTarget[]; left: readonly DeletionTarget[] }
  /** Nothing to do before something changes, or before `retryAt` (ms since the epoch). `stage` is what is waited for. */
  | {
      type: 'wait';
      policy: DeletionPolicy;
      stage: readonly DeletionTarget[];
      left: readonly DeletionTarget[];
      retryAt: number;
    }
  /** Nothing is left, or nothing is to be deleted: the finalizers of ours can go. */
  | { type: 'finish'; policy: DeletionPolicy; finalizers: readonly string[]; container?: string };

/** An object that goes is looked at this often, should no watch tell; more often where there is no cache of its kind. */
const RELOOK_MS = 15_000;
const RELOOK_UNWATCHED_MS = 2_000;
/** How long an object may take to go before it counts as blocked: finalizers and stopping pods take some seconds. */
export const BLOCKED_AFTER_MS = 30_000;

/**
 * Decides the next step of deleting an Application. The order is that of applying, reversed, and a stage is over only when
 * the API server said of each of its objects that it is gone or not ours: an accepted DELETE says no such thing.
 *
 * @param now milliseconds since the epoch
 */
export function decideDeletion(snapshot: DeletionSnapshot, now: number): DeletionDecision {
  const { application, targets, container } = snapshot;
  const { finalizers = [] } = application.metadata;
  const intent = deletionIntent(finalizers);
  const others = finalizers.filter((finalizer) => !isResourcesFinalizer(finalizer));
  if (intent.type !== 'none' && container !== undefined) {
    const policy = intent.type === 'policy' ? intent.policy : 'orphan';
    return { type: 'finish', policy, finalizers: others, container };
  }
  if (intent.type !== 'policy') return intent;
  const { policy } = intent;
  const left = targets.filter((target) => !isOver(target, application));
  // A sync that runs ends first: its hooks work on what goes next.
  const hooks = left.filter(({ hook }) => hook);
  const stage = policy === 'orphan' ? left : (pruneStages(hooks.length > 0 ? hooks : left, ({ id }) => id)[0] ?? []);
  if (stage.length === 0) return { type: 'finish', policy, finalizers: others };
  const due = stage.filter((target) => isDue(target, approvalOf(application), now));
  if (due.length > 0) return { type: 'act', policy, targets: due, left };
  return { type: 'wait', policy, stage, left, retryAt: Math.min(...stage.map((target) => lookAgainAt(target, now))) };
}

/** What a cache says of an object, as far as it matters here: when this changes, the API server is asked again. */
export function cacheMark(cached: Cached): string {
  if (cached.state !== 'present') return cached.state;
  const { uid, annotations, finalizers } = cached.object.metadata;
  return JSON.stringify([uid, annotations, finalizers, isTerminating(cached.object)]);
}

/** The confirmation on an Application, whatever it is: when it changes, what waits for it is looked at again. */
export function approvalOf(application: Application): string {
  return annotation(application, DELETION_APPROVED_ANNOTATION).value;
}

/** Since when an object should be gone, in milliseconds since the epoch; undefined when nobody deletes it. */
export function goingSince(object: KubeObject | undefined): number | undefined {
  const since = Date.parse(object?.metadata.deletionTimestamp ?? '');
  return Number.isNaN(since) ? undefined : since;
}

function isTerminating(object: KubeObject): boolean {
  return object.metadata.deletionTimestamp !== undefined;
}

function isOver(target: DeletionTarget, application: Application): boolean {
  if (target.settled || target.kindTrouble === 'gone') return true;
  const { name, namespace = '' } = application.metadata;
  if (target.key === formatObjectId({ group: GROUP, kind: 'Application', namespace, name })) return true;
  // What the Application itself is in goes after it: to wait for that would be to wait for oneself.
  const holdsItself =
    target.key === formatObjectId({ group: '', kind: 'Namespace', namespace: '', name: namespace }) ||
    target.key === `apiextensions.k8s.io/CustomResourceDefinition//applications.${GROUP}`;
  return holdsItself && target.asked !== undefined && isTerminating(target.asked.object);
}

function isDue({ kindTrouble, failure, asked, cached }: DeletionTarget, approval: string, now: number): boolean {
  if (kindTrouble !== undefined) return false;
  if (failure !== undefined) return failure.retryAt <= now;
  if (asked === undefined || now - asked.at >= relook(cached)) return true;
  if (asked.awaits !== undefined && asked.awaits.approval !== approval) return true;
  // The cache runs behind: that it catches up with what was answered is no news.
  const mark = cacheMark(cached);
  return mark !== asked.mark && mark !== cacheMark({ state: 'present', object: asked.object });
}

function relook(cached: Cached): number {
  return cached.state === 'unknown' ? RELOOK_UNWATCHED_MS : RELOOK_MS;
}

function lookAgainAt({ kindTrouble, failure, asked, cached }: DeletionTarget, now: number): number {
  if (failure !== undefined) return failure.retryAt;
  if (kindTrouble !== undefined || asked === undefined) return now + RELOOK_MS;
  const again = asked.at + relook(cached);
  const blocked = (goingSince(asked.object) ?? 0) + BLOCKED_AFTER_MS;
  return blocked > now ? Math.min(again, blocked) : again;
}

/** Whether something holds a target that does not pass by itself in a moment. */
export function isBlocked({ kindTrouble, failure, asked }: DeletionTarget, now: number): boolean {
  if (kindTrouble !== undefined || failure !== undefined || asked?.awaits !== undefined) return true;
  const since = goingSince(asked?.object);
  return since !== undefined && now - since >= BLOCKED_AFTER_MS;
}
