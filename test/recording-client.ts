import { type KubeClient, keyOf, type ResourceInfo } from '../controller/kube/types.ts';

/** A client that notes every write in order, for example `apply configmaps team/settings`, dry runs marked as such. */
export function recordingClient(client: KubeClient, writes: string[]): KubeClient {
  const note = (verb: string, resource: ResourceInfo, key: string, mark = ''): void => {
    writes.push(`${verb} ${resource.plural} ${key}${mark}`);
  };
  return {
    ...client,
    apply: (resource, object, options) => {
      note('apply', resource, keyOf(object), options.dryRun === true ? ' (dry run)' : '');
      return client.apply(resource, object, options);
    },
    patch: (resource, key, type, body, options) => {
      note('patch', resource, key);
      return client.patch(resource, key, type, body, options);
    },
    delete: (resource, key, options) => {
      note('delete', resource, key);
      return client.delete(resource, key, options);
    },
    update: (resource, object, options) => {
      note('update', resource, keyOf(object), ` ${options?.subresource ?? ''}`);
      return client.update(resource, object, options);
    },
  };
}
