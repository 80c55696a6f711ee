import { dropBadStatus, refuseSpec } from '../api/stored-object.ts';
import type { KubeObject, ResourceInfo } from '../kube/types.ts';
import { asList, asObject, type Json } from '../rollout/plain.ts';
import { argoRunStatus, ownRunStatus } from './analysis-run-status.ts';
import { argoExperimentStatus, ownExperimentStatus } from './experiment-status.ts';
import { readGatewayPlugin } from './gateway-plugin.ts';
import { ARGO_GROUP, argoApiVersion, argoKeys, isShared, ownApiVersion, ownKeys } from './names.ts';
import { argoStatus, ownStatus } from './rollout-status.ts';
import { unservedField } from './unserved.ts';

/** What a kind of our group is in the cluster; other kinds are what they are. */
export function argoResource(resource: ResourceInfo): ResourceInfo {
  if (!isShared(resource)) return resource;
  const { subresources } = resource;
  return {
    ...resource,
    group: ARGO_GROUP,
    subresources: hasStatusSubresource(resource) ? subresources : subresources.filter((name) => name !== 'status'),
  };
}

/** The published schema has none for AnalysisRuns and Experiments: their status is written with the object. */
export function hasStatusSubresource({ kind }: { kind: string }): boolean {
  return kind !== 'AnalysisRun' && kind !== 'Experiment';
}

/** An object as it is written to the cluster. Only what has another name or form there is changed. */
export function argoObject(own: KubeObject): KubeObject {
  const shared = argoApiVersion(own.apiVersion, own.kind) !== own.apiVersion;
  const object: KubeObject = {
    ...own,
    apiVersion: argoApiVersion(own.apiVersion, own.kind),
    metadata: { ...own.metadata, ...argoMetadata(own.metadata) },
  };
  const status = asObject(own['status']);
  if (shared && status !== undefined) {
    if (own.kind === 'Rollout') object['status'] = argoStatus(status, canarySteps(own));
    if (own.kind === 'AnalysisRun') object['status'] = argoRunStatus(status);
    if (own.kind === 'Experiment') object['status'] = argoExperimentStatus(status);
  }
  const about = asObject(own['involvedObject']);
  if (own.kind === 'Event' && about !== undefined) {
    object['involvedObject'] = {
      ...about,
      apiVersion: argoApiVersion(String(about['apiVersion']), String(about['kind'])),
    };
  }
  return object;
}

/** Turns an object from the cluster into what our code knows, in place: caches own what they are given. */
export function becomeOwn(object: KubeObject): void {
  const { metadata } = object;
  if (metadata.labels !== undefined) metadata.labels = ownKeys(metadata.labels);
  if (metadata.annotations !== undefined) metadata.annotations = ownKeys(metadata.annotations);
  for (const owner of metadata.ownerReferences ?? []) owner.apiVersion = ownApiVersion(owner.apiVersion, owner.kind);
  const apiVersion = ownApiVersion(object.apiVersion, object.kind);
  if (apiVersion === object.apiVersion) return;
  object.apiVersion = apiVersion;
  const status = asObject(object['status']);
  if (object.kind === 'Rollout') {
    if (status !== undefined) object['status'] = ownStatus(status, canarySteps(object));
    readGatewayPlugin(object);
  }
  if (object.kind === 'AnalysisRun' && status !== undefined) {
    object['status'] = ownRunStatus(status, metadata.generation);
  }
  if (object.kind === 'Experiment' && status !== undefined) object['status'] = ownExperimentStatus(status, object);
  dropBadStatus(object);
  const problem = unservedField(object.kind, object['spec']);
  if (problem !== undefined) refuseSpec(object, problem);
}

/** The body of a merge patch as it is sent. */
export function argoPatch(body: unknown): unknown {
  const patch = asObject(body);
  const metadata = asObject(patch?.['metadata']);
  return metadata === undefined ? body : { ...patch, metadata: { ...metadata, ...argoMetadata(metadata) } };
}

function argoMetadata(metadata: object): Json {
  const { labels, annotations, ownerReferences } = metadata as Json;
  const renamed: Json = {};
  if (asObject(labels) !== undefined) renamed['labels'] = argoKeys(asObject(labels) ?? {});
  if (asObject(annotations) !== undefined) renamed['annotations'] = argoKeys(asObject(annotations) ?? {});
  if (ownerReferences !== undefined) {
    renamed['ownerReferences'] = asList(ownerReferences).map((owner) => {
      const { apiVersion, kind, ...rest } = asObject(owner) ?? {};
      return { apiVersion: argoApiVersion(String(apiVersion), String(kind)), kind, ...rest };
    });
  }
  return renamed;
}

function canarySteps(rollout: KubeObject): unknown {
  return asObject(asObject(asObject(rollout['spec'])?.['strategy'])?.['canary'])?.['steps'];
}
