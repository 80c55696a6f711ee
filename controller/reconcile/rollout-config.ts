import type { Rollout } from '../api/generated/rollout.ts';
import { type KubeObject, keyOf } from '../kube/types.ts';
import { configReferences } from '../rollout/config/references.ts';
import { type ConfigState, triggerKinds } from '../rollout/config/state.ts';
import { asObject } from '../rollout/plain.ts';
import type { PodTemplate } from '../rollout/snapshot.ts';
import { resolveWorkload } from '../rollout/workload.ts';
import type { ConfigCache } from './config-cache.ts';

/** What the ConfigMaps and Secrets of a Rollout say, undefined when it does not care; and when to ask again, in milliseconds. */
export interface ConfigOfRollout {
  state: ConfigState | undefined;
  againMs?: number | undefined;
}

/** Reads the objects whose changes start a revision of this Rollout; `unknown` until they can be read. */
export async function readConfig(
  rollout: Rollout,
  workload: KubeObject | undefined,
  cache: ConfigCache,
  signal: AbortSignal,
): Promise<ConfigOfRollout | 'unknown'> {
  const key = keyOf(rollout);
  const kinds = triggerKinds(rollout.spec);
  const template = asObject(resolveWorkload(rollout, workload).rollout.spec?.template) as PodTemplate | undefined;
  if (kinds.length === 0 || template === undefined || rollout.metadata.deletionTimestamp !== undefined) {
    cache.forget(key);
    return { state: undefined };
  }
  const read = await cache.read(
    key,
    configReferences(template).filter(({ kind }) => kinds.includes(kind)),
    signal,
  );
  return read === undefined ? 'unknown' : { state: read.config, againMs: read.againMs };
}
