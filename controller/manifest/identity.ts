import { TRACKING_ANNOTATION } from '../api/names.ts';
import { gvkOf, type KubeObject } from '../kube/types.ts';

/**
 * What makes two manifests speak of the same object. The version is no part of it: `apps/v1` and `apps/v1beta1` are two views
 * of one Deployment.
 */
export interface ObjectId {
  group: string;
  kind: string;
  /** Empty for cluster-scoped objects. */
  namespace: string;
  name: string;
}

export function idOf(object: {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
}): ObjectId {
  return {
    group: gvkOf(object).group,
    kind: object.kind,
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name,
  };
}

/** `<group>/<kind>/<namespace>/<name>`; group and namespace may be empty. The key of the inventory. */
export function formatObjectId(id: ObjectId): string {
  return `${id.group}/${id.kind}/${id.namespace}/${id.name}`;
}

/** The inverse of {@link formatObjectId}; undefined for a text that it cannot have made. */
export function parseObjectId(text: string): ObjectId | undefined {
  const [group, kind, namespace, name, ...rest] = text.split('/');
  if (group === undefined || namespace === undefined || !kind || !name || rest.length > 0) return undefined;
  return { group, kind, namespace, name };
}

/** How an object is called in messages: `Service demo/fraud`. */
export function describeId(id: ObjectId): string {
  return `${id.kind} ${id.namespace === '' ? '' : `${id.namespace}/`}${id.name}`;
}

/** An Application by namespace and name. */
export interface ApplicationRef {
  namespace: string;
  name: string;
}

/**
 * The value of the tracking annotation: `<app-namespace>_<app>:<group>/<kind>:<namespace>/<name>`. It names the object as
 * well as the Application, so that a copy of a manifest under another name does not count as ours.
 */
export function trackingId(application: ApplicationRef, id: ObjectId): string {
  return `${application.namespace}_${application.name}:${id.group}/${id.kind}:${id.namespace}/${id.name}`;
}

/** The inverse of {@link trackingId}; undefined for a text that it cannot have made. */
export function parseTrackingId(text: string): { application: ApplicationRef; id: ObjectId } | undefined {
  // The name comes last because it may hold colons (system:auth-delegator); nothing before it can.
  const match = /^([^_:/]+)_([^_:/]+):([^:/]*)\/([^:/]+):([^:/]*)\/([^/]+)$/.exec(text);
  if (match === null) return undefined;
  const [, appNamespace = '', appName = '', group = '', kind = '', namespace = '', name = ''] = match;
  return { application: { namespace: appNamespace, name: appName }, id: { group, kind, namespace, name } };
}

/** Which Application a live object says it belongs to; undefined when it says none, or speaks of another object. */
export function trackedBy(object: KubeObject): ApplicationRef | undefined {
  const value = object.metadata.annotations?.[TRACKING_ANNOTATION];
  const parsed = typeof value === 'string' ? parseTrackingId(value) : undefined;
  return parsed !== undefined && formatObjectId(parsed.id) === formatObjectId(idOf(object))
    ? parsed.application
    : undefined;
}
