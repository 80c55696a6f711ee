import { FIELD_MANAGER } from '../api/names.ts';
import { isNotFound } from '../kube/errors.ts';
import type { KubeClient, ResourceInfo } from '../kube/types.ts';
import type { ObjectId } from '../manifest/identity.ts';
import { failedVerdict } from '../sync/failure.ts';
import { applicationOptions } from '../sync/object-options.ts';
import type { SyncSnapshot } from '../sync/snapshot.ts';
import type { Verdict } from '../sync/verdict.ts';

const NAMESPACE_RESOURCE: ResourceInfo = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
  verbs: [],
  subresources: [],
};

/**
 * Makes the namespace that `CreateNamespace=true` asks for, before anything is applied into it. It carries no tracking
 * annotation and is never pruned: others may have put things there. A manifest of the namespace in Git comes before it.
 * Returns what went wrong, if something did.
 */
export async function ensureNamespace(
  client: KubeClient,
  { application, objects }: SyncSnapshot,
  signal: AbortSignal,
): Promise<{ id: ObjectId; verdict: Verdict } | undefined> {
  const { destination, syncPolicy } = application.spec;
  const name = destination?.namespace ?? application.metadata.namespace ?? '';
  const inGit = objects.some(({ desired: { id } }) => id.group === '' && id.kind === 'Namespace' && id.name === name);
  if (!applicationOptions(application).options.createNamespace || inGit) return undefined;
  const { labels, annotations } = syncPolicy?.managedNamespaceMetadata ?? {};
  const wanted = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, ...(labels && { labels }), ...(annotations && { annotations }) },
  };
  try {
    const exists = await client.get(NAMESPACE_RESOURCE, name, { signal }).then(
      () => true,
      (error: unknown) => {
        if (isNotFound(error)) return false;
        throw error;
      },
    );
    if (!exists || labels !== undefined || annotations !== undefined) {
      await client.apply(NAMESPACE_RESOURCE, wanted, { fieldManager: FIELD_MANAGER, force: true, signal });
    }
    return undefined;
  } catch (error) {
    if (signal.aborted) throw error;
    return {
      id: { group: '', kind: 'Namespace', namespace: '', name },
      verdict: failedVerdict(error, 'sync option CreateNamespace=true'),
    };
  }
}
