import type { KubeClient, KubeObject, ResourceInfo } from '../kube/types.ts';
import { argoObject, argoPatch, argoResource, becomeOwn, hasStatusSubresource } from './objects.ts';

/**
 * A client for code that knows our group alone: what it asks for is asked of the other group, under the names and in the
 * forms that hold there, and the answers come back in ours.
 */
export function argoClient(client: KubeClient): KubeClient {
  const own = (object: KubeObject): KubeObject => {
    becomeOwn(object);
    return object;
  };
  return {
    get: async (resource, key, options) => own(await client.get(argoResource(resource), key, options)),
    list: async (resource, options) => (await client.list(argoResource(resource), options)).map(own),
    create: async (resource, object, options) =>
      own(await client.create(argoResource(resource), argoObject(object), options)),
    async update(resource, object, options = {}) {
      const target = argoResource(resource);
      const written = argoObject(object);
      if (options.subresource !== 'status' || target === resource) {
        return own(await client.update(target, written, options));
      }
      if (hasStatusSubresource(resource)) return own(await client.update(target, statusOnly(written), options));
      const { subresource: _, ...rest } = options;
      return own(await client.update(target, written, rest));
    },
    patch: async (resource, key, type, body, options) =>
      own(await client.patch(argoResource(resource), key, type, argoBody(type, body), options)),
    apply: async (resource, object, options) =>
      own(await client.apply(argoResource(resource), argoObject(object), options)),
    delete: (resource: ResourceInfo, key, options) => client.delete(argoResource(resource), key, options),
  };
}

/** JSON patches of ours touch routes alone, which have the same form everywhere. */
function argoBody(type: string, body: unknown): unknown {
  return type === 'application/json-patch+json' ? body : argoPatch(body);
}

/** Without the spec, which the API server leaves alone there, and which may have been read in our form. */
function statusOnly({ apiVersion, kind, metadata, status }: KubeObject): KubeObject {
  return { apiVersion, kind, metadata, status };
}
