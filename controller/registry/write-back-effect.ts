import { RegistryError } from './errors.ts';
import type { ModelRegistryClient } from './port.ts';
import { tagKeys, type WriteBackAction } from './write-back.ts';

/**
 * Tells a registry one thing.
 *
 * @param client the client of the registry that `action.target.registry` names
 * @returns `gone` when the model or version does not exist any more: there is nothing left to be told, and what comes after
 *   must not wait for it
 * @throws RegistryError when the registry cannot be asked or refuses; the action stays to be done
 */
export async function executeWriteBack(
  client: ModelRegistryClient,
  rollout: { namespace: string; name: string },
  action: WriteBackAction,
  signal?: AbortSignal,
): Promise<'done' | 'gone'> {
  const { name, version } = action.target;
  try {
    switch (action.type) {
      case 'setAlias':
        await client.setAlias(name, action.alias, version, signal);
        return 'done';
      case 'removeAlias':
        await client.deleteAlias(name, action.alias, version, signal);
        return 'done';
      case 'setPhase': {
        const keys = tagKeys(rollout);
        // The reason first: whoever reads phase=rejected finds it.
        if (action.reason !== undefined) await client.setTag(name, version, keys.reason, action.reason, signal);
        await client.setTag(name, version, keys.phase, action.phase, signal);
        return 'done';
      }
    }
  } catch (error) {
    if (error instanceof RegistryError && error.aboutTheVersion) return 'gone';
    throw error;
  }
}

/** An action in words, for Events and conditions. */
export function describeWriteBack(action: WriteBackAction): string {
  const version = `${action.target.name}/${action.target.version}`;
  switch (action.type) {
    case 'setAlias':
      return `alias ${action.alias} set to ${version}`;
    case 'removeAlias':
      return `alias ${action.alias} removed from ${version}`;
    case 'setPhase':
      return `${version} tagged ${action.phase}`;
  }
}
