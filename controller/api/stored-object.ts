import { SHAPES } from './generated/schemas.ts';
import { GROUP } from './names.ts';
import { fitting, misfit } from './shape.ts';

/**
 * The API server checks a custom resource when it is written, and never again: what was stored before a CRD was changed
 * comes as it is. Code that trusts the generated types needs these two before it looks at such an object.
 */
interface StoredObject {
  apiVersion?: string;
  kind: string;
  metadata: object;
  spec?: unknown;
  status?: unknown;
}

/** Answers by object: cached ones are frozen, so an answer stays right. */
const answers = new WeakMap<object, { problem: string | undefined }>();

/** Why the spec of one of our kinds cannot be read at all: one line with the field and the remedy. */
export function specProblem(object: object): string | undefined {
  const known = answers.get(object);
  if (known !== undefined) return known.problem;
  const { kind, spec } = object as StoredObject;
  const shape = Object.hasOwn(SHAPES, kind) ? SHAPES[kind] : undefined;
  const problem = shape && misfit(shape.spec, spec, 'spec');
  answers.set(object, { problem });
  return problem;
}

/** Has {@link specProblem} answer for an object what only who read it knows, for example a field that another schema admits. */
export function refuseSpec(object: object, problem: string): void {
  answers.set(object, { problem });
}

/**
 * Drops what makes no sense from the status of one of our kinds, in place. People, older versions and other tools write
 * there too: nothing of it may stop a decision or an index over the cache.
 */
export function dropBadStatus(object: object): void {
  const stored = object as StoredObject;
  const ours = stored.apiVersion?.startsWith(`${GROUP}/`) !== false;
  const shape = ours && Object.hasOwn(SHAPES, stored.kind) ? SHAPES[stored.kind]?.status : undefined;
  if (shape === undefined || stored.status === undefined) return;
  const status = fitting(shape, stored.status);
  if (status === undefined) delete stored.status;
  else stored.status = status;
}
