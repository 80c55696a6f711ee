import { TRACKING_ANNOTATION } from '../../api/names.ts';
import { gvkOf, type KubeObject } from '../../kube/types.ts';
import { withoutForeignRules } from '../aggregated-role.ts';
import { LAST_APPLIED_ANNOTATION } from '../takeover.ts';
import { compareFields, type Subject } from './compare-fields.ts';
import { type FieldDifference, isFields, rootOf } from './difference.ts';
import { filledIn, withTexts } from './filled-in.ts';
import { ownershipOf } from './managed-fields.ts';
import { removedFields } from './removed-fields.ts';
import { isSecret, maskSecret, normalSecret } from './secret.ts';
import { isBuiltIn } from './values.ts';

/** Of the metadata, what says which object it is, or is the API server's. */
const METADATA_OF_SERVER: ReadonlySet<string> = new Set([
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'generation',
  'managedFields',
  'name',
  'namespace',
  'resourceVersion',
  'selfLink',
  'uid',
]);
/** Annotations that tell of an apply and are rewritten by the next, and those in which the API server once kept a status. */
const ANNOTATIONS_OF_SERVER = [
  TRACKING_ANNOTATION,
  LAST_APPLIED_ANNOTATION,
  'autoscaling.alpha.kubernetes.io/conditions',
  'autoscaling.alpha.kubernetes.io/current-metrics',
];

/**
 * What applying `desired` would change in `live`, as far as that can be told without an API server: its dry run knows every
 * default and every admission rule, this only what stands in the two objects and what is known of the well-known kinds.
 * Values of Secrets are masked.
 */
export function diffObjects(desired: KubeObject, live: KubeObject): FieldDifference[] {
  const secret = isSecret(desired);
  const [wanted, there] = [prepared(filledIn(desired, live), secret), prepared(live, secret)];
  const found = compareFields(subjectOf(desired), wanted, there, rootOf(desired));
  const masked = secret ? found.map(maskSecret) : found;
  return [...new Map([...masked, ...goneFromGit(desired, live)].map((one) => [one.path, one])).values()];
}

/**
 * The part of that which Git had, or a former manager that spoke in its place, and Git has no more: applying removes it, once
 * the fields of former managers are taken over. No single dry run of the API server shows that.
 */
export function goneFromGit(desired: KubeObject, live: KubeObject): FieldDifference[] {
  const secret = isSecret(desired);
  const ownership = ownershipOf(live);
  const { lastApplied } = ownership;
  const before = secret && isFields(lastApplied) ? normalSecret(lastApplied as unknown as KubeObject) : lastApplied;
  const [wanted, there] = [prepared(filledIn(desired, live), secret), prepared(live, secret)];
  const found = removedFields(subjectOf(desired), rootOf(desired), wanted, there, {
    ...ownership,
    lastApplied: before,
  });
  return secret ? found.map(maskSecret) : found;
}

function subjectOf(object: KubeObject): Subject {
  return { kind: object.kind, builtIn: isBuiltIn(gvkOf(object).group) };
}

/** The object without what no comparison is about. */
function prepared(given: KubeObject, secret: boolean): KubeObject {
  const object = isBuiltIn(gvkOf(given).group) ? withTexts(given) : given;
  const {
    status: _,
    apiVersion: _v,
    kind: _k,
    ...fields
  } = withoutForeignRules(secret ? normalSecret(object) : object);
  const metadata = Object.fromEntries(
    Object.entries(object.metadata).filter(([name]) => !METADATA_OF_SERVER.has(name)),
  );
  const { annotations } = object.metadata;
  if (isFields(annotations)) {
    metadata['annotations'] = Object.fromEntries(
      Object.entries(annotations).filter(([name]) => !ANNOTATIONS_OF_SERVER.includes(name)),
    );
  }
  return { ...fields, metadata } as unknown as KubeObject;
}
