import type { Application } from '../../api/generated/application.ts';
import { keyOf, type ObjectKey } from '../../kube/types.ts';

/** What an Application wants from Git. Equal requests have equal answers. */
export interface SourceRequest {
  repoURL: string;
  targetRevision: string;
  path: string;
  recurse: boolean;
  include: string | undefined;
  exclude: string | undefined;
  /** Key of the Secret with the credentials. */
  secret: ObjectKey | undefined;
}

export function sourceRequest(application: Application): SourceRequest {
  const { repoURL, targetRevision, path, directory, secretRef } = application.spec.source;
  const { namespace } = application.metadata;
  return {
    repoURL,
    targetRevision,
    path,
    recurse: directory?.recurse ?? false,
    include: directory?.include,
    exclude: directory?.exclude,
    secret: secretRef && keyOf({ metadata: { name: secretRef.name, ...(namespace !== undefined && { namespace }) } }),
  };
}

export function sameRequest(a: SourceRequest, b: SourceRequest): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Requests with the same key are answered by one look at one branch of one repository with the same credentials. */
export function branchKey(request: SourceRequest): string {
  return JSON.stringify([request.repoURL, request.targetRevision, request.secret]);
}

/** A commit id never moves, so there is nothing to poll. */
export function isPinned(request: SourceRequest): boolean {
  return /^[0-9a-f]{40}$/i.test(request.targetRevision);
}
