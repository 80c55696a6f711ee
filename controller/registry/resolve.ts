import type { Rollout, RolloutStatusModelCurrent } from '../api/generated/rollout.ts';
import { RegistryError } from './errors.ts';
import type { ModelRegistryClient } from './port.ts';

/** Identity of a model version, as it is pinned in status.model. */
export type ModelIdentity = RolloutStatusModelCurrent;

/** The version that a Rollout asks for, and what it was when this Rollout first resolved it. */
export interface ModelRequest {
  /** kind/name of the registry object. */
  registry: string;
  name: string;
  version: string;
  pinned?: ModelIdentity;
}

/** The registry's answer. The same shape as the answered part of `ModelState` in the rollout's snapshot. */
export type ModelResolution =
  | { state: 'resolved'; identity: ModelIdentity }
  /** The registry could not be asked. Ask again; what runs goes on. */
  | { state: 'unavailable'; code: string; message: string }
  /** The version must not be started. Ask again later: it may become ready or be registered. */
  | { state: 'refused'; code: string; message: string };

/**
 * What has to be asked for this Rollout; undefined without spec.model. The pinned identity comes from the version that was
 * resolved for the spec, else from the one that serves, so that going back to it notices a changed identity too.
 */
export function modelRequest(rollout: Rollout): ModelRequest | undefined {
  const model = rollout.spec.model;
  if (model === undefined) return undefined;
  const registry = `${model.registry.kind}/${model.registry.name}`;
  const known = [rollout.status?.model?.current, rollout.status?.model?.stable];
  const pinned = known.find(
    (identity) => identity?.registry === registry && identity.name === model.name && identity.version === model.version,
  );
  return { registry, name: model.name, version: model.version, ...(pinned === undefined ? {} : { pinned }) };
}

/**
 * Asks the registry for the version and compares it with what is pinned. Never throws for a registry's fault.
 *
 * @param connect gives the client of the registry that the request names; may throw RegistryError
 */
export async function resolveModel(
  connect: () => Promise<ModelRegistryClient>,
  request: ModelRequest,
  signal?: AbortSignal,
): Promise<ModelResolution> {
  try {
    const client = await connect();
    const found = await client.getVersion(request.name, request.version, signal);
    const identity: ModelIdentity = {
      registry: request.registry,
      name: found.name,
      version: found.version,
      uri: found.uri,
      ...(found.source === undefined ? {} : { source: found.source }),
      ...(found.runId === undefined ? {} : { runId: found.runId }),
      ...(found.createdAt === undefined ? {} : { createdAt: found.createdAt }),
    };
    const change = request.pinned === undefined ? undefined : changeOf(request.pinned, identity);
    if (change === undefined) return { state: 'resolved', identity };
    return {
      state: 'refused',
      code: 'ModelVersionChanged',
      message:
        `model ${request.name} version ${request.version} in ${request.registry} is not the version that this Rollout ` +
        `resolved: ${change}. It was deleted and registered anew; set spec.model.version to a version that is new to this Rollout`,
    };
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return { state: error.aboutTheVersion ? 'refused' : 'unavailable', code: error.code, message: error.message };
  }
}

/** How two identities differ in what a registry never changes on a version; undefined when they do not. */
function changeOf(pinned: ModelIdentity, now: ModelIdentity): string | undefined {
  if (pinned.createdAt !== undefined && pinned.createdAt !== now.createdAt) {
    return `it was created at ${now.createdAt ?? 'an unknown time'}, not at ${pinned.createdAt}`;
  }
  if (pinned.source !== undefined && pinned.source !== now.source) {
    return `its source is ${now.source ?? 'not set'}, not ${pinned.source}`;
  }
  return undefined;
}
