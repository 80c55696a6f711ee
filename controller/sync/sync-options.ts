/** How objects are applied and deleted; the names and meanings of Argo CD's sync options. */
export interface SyncOptions {
  /** Whether the object may be pruned: `confirm` waits until a person has said so. */
  prune: Consent;
  /** Whether the object may be deleted with its Application; for one object only. */
  delete: Consent;
  /** Prune after everything else was applied and is healthy. */
  pruneLast: boolean;
  /** What happens to what depends on a deleted object. */
  prunePropagation: 'Foreground' | 'Background' | 'Orphan';
  /** Send only what a dry run shows to differ, also when a sync starts. */
  applyOutOfSyncOnly: boolean;
  /** Send the object as a whole by PUT, instead of the fields that Git says. */
  replace: boolean;
  /** Delete the object and make it anew where a field cannot be changed; for single objects only. */
  force: boolean;
  /** Make the namespace of spec.destination if it is not there; for the whole Application only. */
  createNamespace: boolean;
}

/** Whether something may be deleted. */
export type Consent = 'true' | 'false' | 'confirm';

export const DEFAULT_SYNC_OPTIONS: SyncOptions = {
  prune: 'true',
  delete: 'true',
  pruneLast: false,
  prunePropagation: 'Foreground',
  applyOutOfSyncOnly: false,
  replace: false,
  force: false,
  createNamespace: false,
};

/** Options of Argo CD that say what is always so here. Other values of them have no meaning and are refused. */
const ALWAYS: ReadonlyMap<string, string> = new Map([
  ['ServerSideApply', 'true'],
  ['RespectIgnoreDifferences', 'true'],
  ['FailOnSharedResource', 'true'],
  ['SkipDryRunOnMissingResource', 'true'],
  ['Validate', 'true'],
]);

const PROPAGATION: ReadonlyMap<string, SyncOptions['prunePropagation']> = new Map([
  ['foreground', 'Foreground'],
  ['background', 'Background'],
  ['orphan', 'Orphan'],
]);

type Flag = { [K in keyof SyncOptions]: SyncOptions[K] extends boolean ? K : never }[keyof SyncOptions];

const FLAGS: ReadonlyMap<string, Flag> = new Map([
  ['PruneLast', 'pruneLast'],
  ['ApplyOutOfSyncOnly', 'applyOutOfSyncOnly'],
  ['CreateNamespace', 'createNamespace'],
  ['Force', 'force'],
  ['Replace', 'replace'],
]);

/** Options that have a meaning only for the whole Application. */
const WHOLE: ReadonlySet<string> = new Set(['CreateNamespace', 'ApplyOutOfSyncOnly']);

/**
 * Reads `Name=value` options on top of `base`; of two that contradict each other the later counts. Returns what cannot be
 * understood as `"Prune=flase": write Prune=true, false or confirm`.
 */
export function parseSyncOptions(
  texts: readonly string[],
  scope: 'application' | 'object',
  base: SyncOptions = DEFAULT_SYNC_OPTIONS,
): { options: SyncOptions; problems: readonly string[] } {
  const options: SyncOptions = { ...base };
  const problems: string[] = [];
  for (const text of texts) {
    const remedy = setOption(options, text.trim(), scope);
    if (remedy !== undefined) problems.push(`"${text}": ${remedy}`);
  }
  return { options, problems };
}

/** Sets one option; returns what to write instead when that is not possible. */
function setOption(options: SyncOptions, text: string, scope: 'application' | 'object'): string | undefined {
  const [name = '', value = ''] = text.split('=', 2);
  if (name === 'Force' && scope === 'application')
    return 'it deletes, so write it into the annotation slipway.dev/sync-options of the object that it is for';
  if (WHOLE.has(name) && scope === 'object') return 'it is for spec.syncPolicy.syncOptions, not for one object';
  if (name === 'Prune') {
    if (value !== 'true' && value !== 'false' && value !== 'confirm') return `write ${name}=true, false or confirm`;
    options.prune = value;
    return undefined;
  }
  if (name === 'Delete') {
    if (scope === 'application') return 'it is for the annotation of one object; to keep all, delete with /orphan';
    if (value !== 'true' && value !== 'false' && value !== 'confirm') return `write ${name}=true, false or confirm`;
    options.delete = value;
    return undefined;
  }
  if (name === 'PrunePropagationPolicy') {
    const policy = PROPAGATION.get(value);
    if (policy === undefined) return 'write PrunePropagationPolicy=foreground, background or orphan';
    options.prunePropagation = policy;
    return undefined;
  }
  const flag = FLAGS.get(name);
  if (flag !== undefined) {
    if (value !== 'true' && value !== 'false') return `write ${name}=true or ${name}=false`;
    options[flag] = value === 'true';
    return undefined;
  }
  const always = ALWAYS.get(name);
  if (always === undefined) return 'it is not known; remove it or correct its name';
  return value === always ? undefined : `only ${name}=${always} is possible; remove it`;
}
