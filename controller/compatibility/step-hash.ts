import { asList, asObject } from '../rollout/plain.ts';

/**
 * How Go writes a value: `always` also when it is the zero value, `filled` only when it is not, `set` whenever it is there
 * at all (a pointer).
 */
type When = 'always' | 'filled' | 'set';
type GoScalar = 'text' | 'number' | 'flag' | 'raw';
type GoType = GoScalar | readonly [GoType] | { mapOf: GoType } | GoStruct;
type GoField = readonly [name: string, type: GoType, when: When];
interface GoStruct {
  fields: readonly GoField[];
}

const struct = (...fields: GoField[]): GoStruct => ({ fields });

const STRING_MATCH = struct(['exact', 'text', 'filled'], ['prefix', 'text', 'filled'], ['regex', 'text', 'filled']);
const METADATA = struct(['labels', { mapOf: 'text' }, 'filled'], ['annotations', { mapOf: 'text' }, 'filled']);
const DRY_RUN = struct(['metricName', 'text', 'always']);
const RETENTION = struct(['metricName', 'text', 'always'], ['limit', 'number', 'always']);
const ARGUMENT = struct(
  ['name', 'text', 'always'],
  ['value', 'text', 'filled'],
  [
    'valueFrom',
    struct(['podTemplateHashValue', 'text', 'set'], ['fieldRef', struct(['fieldPath', 'text', 'always']), 'set']),
    'set',
  ],
);
const ANALYSIS = struct(
  ['templates', [struct(['templateName', 'text', 'always'], ['clusterScope', 'flag', 'set'])], 'filled'],
  ['args', [ARGUMENT], 'filled'],
  ['dryRun', [DRY_RUN], 'filled'],
  ['measurementRetention', [RETENTION], 'filled'],
  ['analysisRunMetadata', METADATA, 'set'],
);
const EXPERIMENT_TEMPLATE = struct(
  ['name', 'text', 'always'],
  ['specRef', 'text', 'always'],
  ['replicas', 'number', 'set'],
  ['metadata', METADATA, 'always'],
  ['selector', 'raw', 'set'],
  ['weight', 'number', 'set'],
  ['service', 'raw', 'set'],
);
const EXPERIMENT = struct(
  ['templates', [EXPERIMENT_TEMPLATE], 'always'],
  ['duration', 'text', 'filled'],
  [
    'analyses',
    [
      struct(
        ['name', 'text', 'always'],
        ['templateName', 'text', 'always'],
        ['clusterScope', 'flag', 'set'],
        ['args', [ARGUMENT], 'filled'],
        ['requiredForCompletion', 'flag', 'filled'],
      ),
    ],
    'filled',
  ],
  ['dryRun', [DRY_RUN], 'filled'],
  ['analysisRunMetadata', METADATA, 'always'],
  ['scaleDownDelaySeconds', 'number', 'set'],
);
const HEADER_ROUTE = struct(
  ['name', 'text', 'filled'],
  ['match', [struct(['headerName', 'text', 'always'], ['headerValue', STRING_MATCH, 'set'])], 'filled'],
);
const MIRROR_ROUTE = struct(
  ['name', 'text', 'always'],
  [
    'match',
    [
      struct(
        ['method', STRING_MATCH, 'set'],
        ['path', STRING_MATCH, 'set'],
        ['headers', { mapOf: STRING_MATCH }, 'filled'],
      ),
    ],
    'filled',
  ],
  ['percentage', 'number', 'set'],
);

/** Source: CanaryStep and what it holds in pkg/apis/rollouts/v1alpha1/types.go of Argo Rollouts 1.10, in the order of its fields. */
const STEP = struct(
  ['setWeight', 'number', 'set'],
  ['pause', struct(['duration', 'raw', 'set']), 'set'],
  ['experiment', EXPERIMENT, 'set'],
  ['analysis', ANALYSIS, 'set'],
  [
    'setCanaryScale',
    struct(['weight', 'number', 'set'], ['replicas', 'number', 'set'], ['matchTrafficWeight', 'flag', 'filled']),
    'set',
  ],
  ['setHeaderRoute', HEADER_ROUTE, 'set'],
  ['setMirrorRoute', MIRROR_ROUTE, 'set'],
  ['plugin', struct(['name', 'text', 'always'], ['config', 'raw', 'set']), 'set'],
);

/**
 * What Argo Rollouts stores as `status.currentStepHash` for a canary: FNV-1a (32 bits) of the steps as Go's encoding/json
 * writes them, in decimal, in the alphabet of names that spell no words. By it a controller that takes over knows whether
 * the steps are still those that the index in the status counts.
 */
export function argoStepHash(steps: unknown): string {
  const text = steps === undefined || steps === null ? 'null' : list(asList(steps), STEP);
  return [...String(fnv32a(text))].map((digit) => ALPHABET[digit.charCodeAt(0) % ALPHABET.length]).join('');
}

const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

function fnv32a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

function write(value: unknown, type: GoType): string {
  if (typeof type === 'object' && 'fields' in type) return object(asObject(value) ?? {}, type);
  if (typeof type === 'object' && 'mapOf' in type) {
    const entries = Object.entries(asObject(value) ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, entry]) => `${json(key)}:${write(entry, type.mapOf)}`).join(',')}}`;
  }
  if (typeof type === 'object') return value === undefined || value === null ? 'null' : list(asList(value), type[0]);
  return json(value ?? ZERO[type]);
}

const ZERO: Readonly<Record<GoScalar, unknown>> = {
  text: '',
  number: 0,
  flag: false,
  raw: null,
};

function object(value: Record<string, unknown>, { fields }: GoStruct): string {
  const written = fields.flatMap(([name, type, when]) => {
    const field = value[name] ?? undefined;
    if (when === 'set' && field === undefined) return [];
    if (when === 'filled' && isZero(field)) return [];
    return [`${json(name)}:${write(field, type)}`];
  });
  return `{${written.join(',')}}`;
}

function list(items: readonly unknown[], type: GoType): string {
  return `[${items.map((item) => write(item, type)).join(',')}]`;
}

function isZero(value: unknown): boolean {
  if (value === undefined || value === '' || value === 0 || value === false) return true;
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** Go escapes what could end a script element. */
function json(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
