import {
  type KubeClient,
  type KubeObject,
  keyOf,
  type ObjectKey,
  type ResourceInfo,
} from '../../controller/kube/types.ts';

/** Lets a controller write so often and not once more, as if its process were killed right after the last write. */
export interface WriteLimit {
  wrap(client: KubeClient): KubeClient;
  /** Resolves with the last write that is let through. */
  reached: Promise<void>;
}

/**
 * @param allowed number of writes
 * @param onWrite told of each, as `verb plural key`
 */
export function lastWrites(allowed: number, onWrite: (what: string) => void = () => {}): WriteLimit {
  let left = allowed;
  let reach = (): void => {};
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const counted = async <T>(
    verb: string,
    resource: ResourceInfo,
    key: ObjectKey,
    write: () => Promise<T>,
  ): Promise<T> => {
    if (left <= 0) throw new Error('this process is dead');
    left -= 1;
    onWrite(`${verb} ${resource.plural} ${key}`);
    try {
      return await write();
    } finally {
      if (left <= 0) reach();
    }
  };
  const wrap = (client: KubeClient): KubeClient => ({
    ...client,
    create: (resource: ResourceInfo, object: KubeObject, options) =>
      counted('create', resource, keyOf(object), () => client.create(resource, object, options)),
    update: (resource, object, options) =>
      counted('update', resource, keyOf(object), () => client.update(resource, object, options)),
    patch: (resource, key, type, body, options) =>
      counted('patch', resource, key, () => client.patch(resource, key, type, body, options)),
    delete: (resource, key, options) => counted('delete', resource, key, () => client.delete(resource, key, options)),
  });
  return { wrap, reached };
}
