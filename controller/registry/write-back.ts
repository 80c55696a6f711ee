import { createHash } from 'node:crypto';
import type { Rollout, RolloutStatusModelWrittenBack } from '../api/generated/rollout.ts';

/**
 * What a version is to a Rollout, as the registry is told:
 * `canary` is under test, `stable` serves, `rejected` failed its test, `withdrawn` left the test without a verdict because
 * Git asked for something else, `retired` served before.
 */
export type VersionPhase = 'canary' | 'stable' | 'rejected' | 'withdrawn' | 'retired';

/** A version of a model in a registry; `registry` is kind/name of the registry object. */
export interface VersionTarget {
  registry: string;
  name: string;
  version: string;
}

/** One thing to tell a registry. Doing it twice is the same as doing it once. */
export type WriteBackAction =
  /** An empty reason takes back the one that was written before. */
  | { type: 'setPhase'; target: VersionTarget; phase: VersionPhase; reason?: string }
  | { type: 'setAlias'; role: 'stable' | 'canary'; target: VersionTarget; alias: string }
  /** Only while it points to the target. */
  | { type: 'removeAlias'; target: VersionTarget; alias: string };

/** How many versions status.model.writtenBack.tags remembers. */
const MAX_TAGS = 20;
/** MLflow refuses longer tag keys. */
const MAX_TAG_KEY = 250;
const MAX_REASON = 1000;

/**
 * What has to be told, in order, so that the registries say what the Rollout's status says. Empty when they were told
 * already. The stable alias follows status.model.stable, which changes only with a verdict; the canary alias follows the
 * version under test. An interrupted list is continued from what {@link recordWriteBack} recorded.
 */
export function desiredWriteBack(rollout: Rollout): readonly WriteBackAction[] {
  const model = rollout.status?.model;
  if (model === undefined) return [];
  const config = rollout.spec.model?.writeBack ?? {};
  const done = model.writtenBack ?? {};
  const stable = model.stable === undefined ? undefined : targetOf(model.stable);
  const test = versionUnderTest(rollout);
  const actions: WriteBackAction[] = [];

  if (config.stableAlias !== undefined && stable !== undefined) {
    const wanted = { ...stable, alias: config.stableAlias };
    if (!sameAlias(done.stableAlias, wanted)) {
      actions.push({ type: 'setAlias', role: 'stable', target: stable, alias: config.stableAlias });
    }
  }
  if (config.tags === true) actions.push(...phaseActions(rollout, stable, test, done.tags ?? {}));

  const wanted =
    config.canaryAlias !== undefined && test !== undefined ? { ...test, alias: config.canaryAlias } : undefined;
  if (!sameAlias(done.canaryAlias, wanted)) {
    // An alias that only moves to another version of the same model is overwritten, not removed first.
    const old = done.canaryAlias;
    const moves = wanted?.registry === old?.registry && wanted?.name === old?.name && wanted?.alias === old?.alias;
    if (old !== undefined && !moves) actions.push({ type: 'removeAlias', target: targetOf(old), alias: old.alias });
    if (wanted !== undefined && test !== undefined) {
      actions.push({ type: 'setAlias', role: 'canary', target: test, alias: wanted.alias });
    }
  }
  return actions;
}

/** The record after an action was done: what status.model.writtenBack has to be. */
export function recordWriteBack(
  record: RolloutStatusModelWrittenBack | undefined,
  action: WriteBackAction,
): RolloutStatusModelWrittenBack {
  const next: RolloutStatusModelWrittenBack = { ...record };
  switch (action.type) {
    case 'setAlias': {
      const value = { ...action.target, alias: action.alias };
      if (action.role === 'stable') next.stableAlias = value;
      else next.canaryAlias = value;
      return next;
    }
    case 'removeAlias':
      delete next.canaryAlias;
      return next;
    case 'setPhase':
      next.tags = bounded({ ...record?.tags, [tagRecordKey(action.target)]: action.phase }, action.target);
      return next;
  }
}

/**
 * Keys of the tags that a Rollout writes: `slipway.dev/<namespace>.<name>.phase` and `.reason`. Each Rollout has its own, so
 * that several that serve the same model do not overwrite each other.
 */
export function tagKeys(rollout: { namespace: string; name: string }): { phase: string; reason: string } {
  const full = `${rollout.namespace}.${rollout.name}`;
  const room = MAX_TAG_KEY - 'slipway.dev/'.length - '.reason'.length;
  const hash = createHash('sha256').update(full).digest('hex').slice(0, 8);
  const who = full.length <= room ? full : `${full.slice(0, room - 9)}-${hash}`;
  return { phase: `slipway.dev/${who}.phase`, reason: `slipway.dev/${who}.reason` };
}

function phaseActions(
  rollout: Rollout,
  stable: VersionTarget | undefined,
  test: VersionTarget | undefined,
  done: Readonly<Record<string, string>>,
): WriteBackAction[] {
  const actions: WriteBackAction[] = [];
  const settled = new Set<string>();
  const want = (target: VersionTarget, phase: VersionPhase, reason?: string): void => {
    const key = tagRecordKey(target);
    if (settled.has(key)) return;
    settled.add(key);
    if (done[key] === phase) return;
    const text = reason?.slice(0, MAX_REASON) ?? (done[key] === 'rejected' ? '' : undefined);
    actions.push({ type: 'setPhase', target, phase, ...(text === undefined ? {} : { reason: text }) });
  };
  if (stable !== undefined) want(stable, 'stable');
  if (test !== undefined) want(test, 'canary');
  for (const { target, reason } of rejectedVersions(rollout, done)) want(target, 'rejected', reason);
  for (const [key, phase] of Object.entries(done)) {
    const target = parseTagRecordKey(key);
    if (target === undefined) continue;
    if (phase === 'canary') want(target, 'withdrawn');
    else if (phase === 'stable') want(target, 'retired');
  }
  return actions;
}

/** The version that gets part of the traffic to be judged; undefined when none is, or when it was aborted. */
function versionUnderTest(rollout: Rollout): VersionTarget | undefined {
  const { model, abort } = rollout.status ?? {};
  if (model?.current === undefined || model.stable === undefined || abort === true) return undefined;
  const spec = rollout.spec.model;
  if (spec === undefined || spec.name !== model.current.name || spec.version !== model.current.version)
    return undefined;
  const current = targetOf(model.current);
  return sameTarget(current, targetOf(model.stable)) ? undefined : current;
}

/**
 * Versions with a recorded rejection, newest first. A rejection does not name the registry: it is told to where the version
 * was under test, that is where the tags say so, or where the current version is.
 */
function rejectedVersions(
  rollout: Rollout,
  done: Readonly<Record<string, string>>,
): { target: VersionTarget; reason: string }[] {
  const { model, abort, abortMessage, currentPodHash } = rollout.status ?? {};
  const current = model?.current === undefined ? undefined : targetOf(model.current);
  const tested = Object.entries(done)
    .filter(([, phase]) => phase === 'canary' || phase === 'rejected')
    .map(([key]) => parseTagRecordKey(key))
    .filter((target) => target !== undefined);
  const places = current === undefined ? tested : [current, ...tested];
  const rejections = [...(model?.rejected ?? [])].reverse();
  const found = rejections.flatMap((rejection) =>
    places
      .filter((t) => t.version === rejection.version && (rejection.name === undefined || t.name === rejection.name))
      .map((target) => ({ target, reason: rejection.reason })),
  );
  const known = rejections.some((rejection) => rejection.podTemplateHash === currentPodHash);
  if (abort === true && !known && current !== undefined) found.unshift({ target: current, reason: abortMessage ?? '' });
  return found;
}

function targetOf(from: VersionTarget): VersionTarget {
  return { registry: from.registry, name: from.name, version: from.version };
}

function sameTarget(a: VersionTarget, b: VersionTarget): boolean {
  return a.registry === b.registry && a.name === b.name && a.version === b.version;
}

type AliasRecord = VersionTarget & { alias: string };

function sameAlias(a: AliasRecord | undefined, b: AliasRecord | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return sameTarget(a, b) && a.alias === b.alias;
}

/** `kind/name/model/version`: the model may hold slashes, the other parts do not. */
function tagRecordKey(target: VersionTarget): string {
  return `${target.registry}/${target.name}/${target.version}`;
}

function parseTagRecordKey(key: string): VersionTarget | undefined {
  const match = /^([^/]+\/[^/]+)\/(.+)\/([^/]+)$/.exec(key);
  const [, registry, name, version] = match ?? [];
  return registry === undefined || name === undefined || version === undefined
    ? undefined
    : { registry, name, version };
}

/** Forgets versions that are out of play, the lowest version number first, until the record fits. */
function bounded(tags: Record<string, string>, keep: VersionTarget): Record<string, string> {
  const inPlay = (key: string, phase: string): boolean =>
    key === tagRecordKey(keep) || phase === 'canary' || phase === 'stable';
  const version = (key: string): number => Number(key.slice(key.lastIndexOf('/') + 1)) || 0;
  const out = Object.entries(tags)
    .filter(([key, phase]) => !inPlay(key, phase))
    .sort(([a], [b]) => version(a) - version(b))
    .slice(0, Math.max(0, Object.keys(tags).length - MAX_TAGS))
    .map(([key]) => key);
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !out.includes(key)));
}
