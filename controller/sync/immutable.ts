import { SYNC_OPTIONS_ANNOTATION } from '../api/names.ts';
import { Reason } from '../api/reasons.ts';
import { isKubeError } from '../kube/errors.ts';
import type { ImmutableField } from '../kube/immutable.ts';
import type { KubeObject } from '../kube/types.ts';
import { listed } from './describe.ts';
import type { DesiredObject } from './desired.ts';
import { failedVerdict } from './failure.ts';
import type { Verdict } from './verdict.ts';

/** What goes with a deleted one is more than an annotation can be meant to ask for. */
const NEVER_ANEW: ReadonlySet<string> = new Set(['/Namespace', 'apiextensions.k8s.io/CustomResourceDefinition']);

/**
 * The fields of a refused object that cannot be changed, in words, if it may be deleted and made anew for that; undefined for
 * any other error, and without the option `Force=true`.
 */
export function anewFor(error: unknown, { options, id }: DesiredObject, text: Texts): string | undefined {
  if (!isKubeError(error) || error.immutable.length === 0 || text.live === undefined) return undefined;
  return options.force && !NEVER_ANEW.has(`${id.group}/${id.kind}`) ? fieldsOf(error.immutable, text) : undefined;
}

/** An object as Git wants it and as it is. */
export interface Texts {
  wanted: KubeObject;
  live: KubeObject | undefined;
}

/** The verdict for a request that failed, with the remedy where a field cannot be changed. */
export function refusedVerdict(error: unknown, desired: DesiredObject, live: KubeObject | undefined): Verdict {
  const { id, object: wanted, where } = desired;
  if (!isKubeError(error) || error.immutable.length === 0 || live === undefined) return failedVerdict(error, where);
  const remedy = NEVER_ANEW.has(`${id.group}/${id.kind}`)
    ? `change it back; a ${id.kind} is never deleted for this, since all in it would go`
    : `change it back, rename the object, or have it deleted and made anew by its annotation ${SYNC_OPTIONS_ANNOTATION}: Force=true`;
  const message = `${fieldsOf(error.immutable, { wanted, live })}; ${remedy} (${where})`;
  return { state: 'failed', reason: Reason.FieldImmutable, message, permanent: true };
}

function fieldsOf(fields: readonly ImmutableField[], text: Texts): string {
  const named = fields.map(({ field, why }) => {
    const name = field === 'spec' ? partsOfSpec(why, text) : field;
    return `${name || 'a field'} cannot be changed${why === '' ? '' : ` (${why})`}`;
  });
  return listed(named);
}

/**
 * Some kinds refuse the spec as a whole and list what may be changed. What was changed beside is what Git says otherwise than
 * the live object, in the fields that the list does not quote.
 */
function partsOfSpec(why: string, { wanted, live }: Texts): string {
  const [theirs, ours] = [wanted['spec'], live?.['spec']];
  if (!isFields(theirs) || !isFields(ours)) return 'spec';
  const changed = Object.keys(theirs).filter((name) => !covers(ours[name], theirs[name]) && !why.includes(`'${name}'`));
  return changed.length === 0 ? 'spec' : changed.map((name) => `spec.${name}`).join(' and ');
}

/** Whether all that `wanted` says is in `live`, which has defaults beside. */
function covers(live: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return Array.isArray(live) && live.length === wanted.length && wanted.every((item, i) => covers(live[i], item));
  }
  if (!isFields(wanted)) return Object.is(live, wanted);
  return isFields(live) && Object.entries(wanted).every(([name, value]) => covers(live[name], value));
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
