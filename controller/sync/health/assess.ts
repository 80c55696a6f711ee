import { gvkOf, type KubeObject } from '../../kube/types.ts';
import { genericHealth } from './generic.ts';
import { type Finding, type Health, progressing } from './health.ts';
import { RULES } from './rules.ts';
import { NO_USER_RULES, type UserRules } from './user-rules.ts';

/** A health with its reason: `rule` is the rule that decided, `deployment:paused`, or `deployment` when nothing was wrong. */
export interface HealthVerdict extends Health {
  message: string;
  rule: string;
}

/** A condition's message may have 32 KiB; a status with many objects, and a terminal, may not. */
const LONGEST_MESSAGE = 500;

/**
 * Health of a live object by the rules of an Application; undefined when its kind has none. Objects from caches are frozen, so
 * results are remembered. Says nothing but the status when all is well, so that a status that holds it changes only when the
 * health does.
 */
export function assess(object: KubeObject, rules: UserRules): Health | undefined {
  const remembered = rememberedFor(rules);
  if (remembered.has(object)) return remembered.get(object);
  const verdict = judge(object, rules);
  const health: Health | undefined = verdict && {
    status: verdict.status,
    ...(verdict.status !== 'Healthy' && { message: verdict.message }),
  };
  remembered.set(object, health);
  return health;
}

type Remembered = WeakMap<KubeObject, Health | undefined>;
const byRules = new WeakMap<UserRules, Remembered>();

function rememberedFor(rules: UserRules): Remembered {
  const known = byRules.get(rules) ?? new WeakMap();
  byRules.set(rules, known);
  return known;
}

/** The same, for people who ask why. An object whose kind has no health is `Healthy` by the rule `none`. */
export function explainHealth(object: KubeObject, rules: UserRules = NO_USER_RULES): HealthVerdict {
  const none = `a ${object.kind} like this says nothing about its health`;
  return judge(object, rules) ?? { status: 'Healthy', message: none, rule: 'none' };
}

function judge(object: KubeObject, rules: UserRules): HealthVerdict | undefined {
  if (object.metadata.deletionTimestamp !== undefined) {
    const finalizers = object.metadata.finalizers ?? [];
    const waits = finalizers.length > 0 ? `, waiting for ${finalizers.join(', ')}` : '';
    return verdict('any', progressing(`being deleted${waits}`, 'deletion'));
  }
  const { group, kind } = gvkOf(object);
  const rule = rules.get(`${group}/${kind}`) ?? RULES.get(`${group}/${kind}`);
  if (rule !== undefined) return verdict(rule.name, rule.judge(object));
  const finding = genericHealth(object);
  return finding && verdict('kstatus', finding);
}

function verdict(name: string, { status, message, clause }: Finding): HealthVerdict {
  const line = message.replace(/\s+/g, ' ').trim();
  return {
    status,
    message: line.length > LONGEST_MESSAGE ? `${line.slice(0, LONGEST_MESSAGE - 1)}…` : line,
    rule: clause === undefined ? name : `${name}:${clause}`,
  };
}
