import { listPages } from './list-pages.ts';
import { collectionPath, objectPath } from './paths.ts';
import type { ApiRequest, Transport, Verb } from './transport.ts';
import { type KubeClient, type KubeObject, keyOf, type ObjectKey, type ResourceInfo, splitKey } from './types.ts';

interface WriteOptions {
  subresource?: string;
  dryRun?: boolean;
  fieldManager?: string;
  force?: boolean;
  signal?: AbortSignal;
}

/** Requests on raw JSON: no manifest passes through a typed model, which would drop what it does not know. */
export function createKubeClient(transport: Transport): KubeClient {
  const onObject = (
    verb: Verb,
    resource: ResourceInfo,
    key: ObjectKey,
    options: WriteOptions,
    rest: Pick<ApiRequest, 'body' | 'contentType'> & { strict?: boolean },
  ): Promise<unknown> => {
    const { namespace, name } = splitKey(key);
    const { strict, ...parts } = rest;
    return transport.request({
      verb,
      resource: resource.plural,
      key,
      path:
        verb === 'create' && options.subresource === undefined
          ? collectionPath(resource, namespace)
          : objectPath(resource, namespace, name, options.subresource),
      query: {
        fieldManager: options.fieldManager,
        force: options.force === true ? true : undefined,
        dryRun: options.dryRun === true ? 'All' : undefined,
        fieldValidation: strict === true ? 'Strict' : undefined,
      },
      signal: options.signal,
      ...parts,
    });
  };
  const asObject = async (answer: Promise<unknown>): Promise<KubeObject> => (await answer) as KubeObject;

  return {
    get: (resource, key, options = {}) => asObject(onObject('get', resource, key, options, {})),
    list: async (resource, options = {}) => (await listPages(transport, resource, options)).items,
    create: (resource, object, options = {}) =>
      asObject(onObject('create', resource, keyOf(object), options, { body: object, strict: true })),
    update: (resource, object, options = {}) =>
      asObject(onObject('update', resource, keyOf(object), options, { body: object, strict: true })),
    patch: (resource, key, type, body, { strict = false, ...options } = {}) =>
      asObject(onObject('patch', resource, key, options, { body, contentType: type, strict })),
    apply: (resource, object, options) =>
      asObject(
        onObject('apply', resource, keyOf(object), options, {
          body: object,
          contentType: 'application/apply-patch+yaml',
          strict: true,
        }),
      ),
    async delete(resource, key, options = {}) {
      const { uid, resourceVersion, propagationPolicy, signal } = options;
      const body = {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        propagationPolicy,
        preconditions: uid === undefined && resourceVersion === undefined ? undefined : { uid, resourceVersion },
      };
      await onObject('delete', resource, key, signal === undefined ? {} : { signal }, { body });
    },
  };
}
