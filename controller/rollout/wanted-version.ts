import type { RolloutStatus, RolloutStatusModelCurrent } from '../api/generated/rollout.ts';
import { Reason } from '../api/reasons.ts';
import type { ConfigMark } from './config/mark.ts';
import type { ConfigState } from './config/state.ts';
import { identifyTemplate, type TemplateIdentity } from './identity.ts';
import { asObject } from './plain.ts';
import { identityOf, revisionOf } from './replica-sets.ts';
import type { Settings } from './settings.ts';
import type { PodTemplate, RolloutSnapshot } from './snapshot.ts';
import { effectiveTemplate } from './template.ts';

/** What the spec asks for, as far as it can be known now. */
export type WantedVersion =
  | {
      state: 'known';
      template: PodTemplate;
      identity: TemplateIdentity;
      model: RolloutStatusModelCurrent | undefined;
      /** What its containers read; undefined when that starts no revision, or is not known now. */
      config?: ConfigMark | undefined;
      /** It is in use, and may be about to be another one: what its containers read has just changed. */
      unsettled?: string | undefined;
    }
  /**
   * The version cannot be started, because of its model unless said otherwise: asked and not answered, not answerable now,
   * or refused.
   */
  | { state: 'blocked'; by: 'pending' | 'unavailable' | 'refused'; code: string; message: string; about?: 'config' }
  | { state: 'invalid'; field: string; problem: string };

/** The effective template of the spec and its ReplicaSet or the hash for a new one. */
export function wantedVersion(snapshot: RolloutSnapshot, status: RolloutStatus, settings: Settings): WantedVersion {
  const template = asObject(snapshot.rollout.spec.template) as PodTemplate | undefined;
  if (template === undefined) return { state: 'invalid', field: 'spec.template', problem: 'a pod template is needed' };
  const spec = settings.model;
  if (spec === undefined) return known(snapshot, status, template, undefined);

  const asked = {
    registry: `${spec.registry.kind ?? 'ModelRegistry'}/${spec.registry.name}`,
    name: spec.name,
    version: spec.version,
  };
  const model = pinnedModel(snapshot, status, asked) ?? resolvedModel(snapshot, asked);
  if (model === undefined) return blocked(snapshot, `model ${spec.name}/${spec.version}`);
  const effective = effectiveTemplate(template, model, spec.container);
  if ('problem' in effective) return { state: 'invalid', ...effective };
  const version = known(snapshot, status, effective.template, model);
  return mustNotStart(snapshot, status, version) ? blocked(snapshot, '') : version;
}

/** Which version is asked for, without what the registry says of it. */
type Asked = Pick<RolloutStatusModelCurrent, 'registry' | 'name' | 'version'>;

/**
 * What is pinned runs on when the registry refuses it afterwards, but nothing new is started from it: its content may be
 * another one now. A ReplicaSet that serves and was lost is made again.
 */
function mustNotStart(snapshot: RolloutSnapshot, status: RolloutStatus, version: WantedVersion): boolean {
  if (snapshot.model.state !== 'refused' || version.state !== 'known') return false;
  return version.identity.state === 'new' && version.identity.hash !== status.stableRS;
}

function known(
  snapshot: RolloutSnapshot,
  status: RolloutStatus,
  template: PodTemplate,
  model: RolloutStatusModelCurrent | undefined,
): WantedVersion {
  const { rollout, replicaSets, foreignReplicaSets, config } = snapshot;
  const mark = config?.state === 'known' ? config.mark : undefined;
  const identity = identifyTemplate(rollout.metadata.name, template, replicaSets, foreignReplicaSets, {
    config: mark ?? 'any',
    inUse: [status.currentPodHash, status.stableRS],
  });
  // What is in use goes on while its ConfigMaps cannot be read; nothing new begins.
  const inUse = [status.currentPodHash, status.stableRS].includes(identity.hash);
  if (config !== undefined && config.state !== 'known' && !inUse) return unread(config);
  const unsettled = config?.state === 'pending' ? config.message : undefined;
  return { state: 'known', template, identity, model, config: mark, unsettled };
}

function unread({ state, message }: Exclude<ConfigState, { state: 'known' }>): WantedVersion {
  switch (state) {
    case 'pending':
      return { state: 'blocked', about: 'config', by: 'pending', code: Reason.ConfigPending, message };
    case 'missing':
      return { state: 'blocked', about: 'config', by: 'unavailable', code: Reason.ConfigMissing, message };
    case 'unavailable':
      return { state: 'blocked', about: 'config', by: 'unavailable', code: Reason.ConfigUnavailable, message };
  }
}

/** What the version was when it was first resolved: a version is resolved once, and going back needs no registry. */
function pinnedModel(
  snapshot: RolloutSnapshot,
  status: RolloutStatus,
  asked: Asked,
): RolloutStatusModelCurrent | undefined {
  const newestFirst = [...snapshot.replicaSets].sort((a, b) => revisionOf(b) - revisionOf(a));
  const candidates = [...newestFirst.map(identityOf), status.model?.current, status.model?.stable];
  return candidates.find((identity) => identity !== undefined && isSame(identity, asked));
}

function resolvedModel(snapshot: RolloutSnapshot, asked: Asked): RolloutStatusModelCurrent | undefined {
  const { model } = snapshot;
  return model.state === 'resolved' && isSame(model.identity, asked) ? model.identity : undefined;
}

function isSame(identity: Asked, asked: Asked): boolean {
  return identity.registry === asked.registry && identity.name === asked.name && identity.version === asked.version;
}

function blocked(snapshot: RolloutSnapshot, what: string): WantedVersion {
  const { model } = snapshot;
  switch (model.state) {
    case 'none':
    case 'pending':
    case 'resolved':
      return { state: 'blocked', by: 'pending', code: 'ModelPending', message: `asking the registry for ${what}` };
    case 'unavailable':
    case 'refused':
      return { state: 'blocked', by: model.state, code: model.code, message: model.message };
  }
}
