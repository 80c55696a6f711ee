import { TRACKING_ANNOTATION } from '../../api/names.ts';
import { gvkOf, type KubeObject } from '../../kube/types.ts';
import { withoutForeignRules } from '../aggregated-role.ts';
import { compareFields, type Subject } from './compare-fields.ts';
import { type FieldDifference, fieldOf, isFields, memberOf, ROOT } from './difference.ts';
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
  'kubectl.kubernetes.io/last-applied-configuration',
  'autoscaling.alpha.kubernetes.io/conditions',
  'autoscaling.alpha.kubernetes.io/current-metrics',
];

/**
 * What applying `desired` would change in `live`, as far as that can be told without an API server: its dry run knows every
 * default and every admission rule, this only what stands in the two objects and what is known of the well-known kinds.
 * Values of Secrets are masked.
 */
export function diffObjects(desired: KubeObject, live: KubeObject): FieldDifference[] {
  const subject: Subject = { kind: desired.kind, builtIn: isBuiltIn(gvkOf(desired).group) };
  const secret = isSecret(desired);
  const [wanted, there] = [prepared(desired, secret), prepared(live, secret)];
  const ownership = ownershipOf(live);
  const { lastApplied } = ownership;
  const before = secret && isFields(lastApplied) ? normalSecret(lastApplied as unknown as KubeObject) : lastApplied;
  const found = [
    ...Object.keys(wanted).flatMap((field) =>
      compareFields(subject, wanted[field], memberOf(there, field), fieldOf(ROOT, field)),
    ),
    ...removedFields(subject, wanted, there, { ...ownership, lastApplied: before }),
  ];
  const distinct = [...new Map(found.map((one) => [one.path, one])).values()];
  return secret ? distinct.map(maskSecret) : distinct;
}

/** The object without what no comparison is about. */
function prepared(object: KubeObject, secret: boolean): KubeObject {
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
