import { gvkOf, type KubeObject } from '../../kube/types.ts';

const MASK = '***';

/** A Secret without its values, and without the annotation in which kubectl keeps them; anything else as it is. */
export function maskSecret(object: KubeObject): KubeObject {
  if (object.kind !== 'Secret' || gvkOf(object).group !== '') return object;
  const { data, stringData, ...rest } = object;
  const { annotations, ...metadata } = object.metadata;
  const kept = Object.entries(annotations ?? {}).filter(([name]) => !name.endsWith('/last-applied-configuration'));
  return {
    ...rest,
    metadata: { ...metadata, ...(annotations !== undefined && { annotations: Object.fromEntries(kept) }) },
    ...(data !== undefined && { data: masked(data) }),
    ...(stringData !== undefined && { stringData: masked(stringData) }),
  };
}

function masked(values: unknown): unknown {
  if (typeof values !== 'object' || values === null) return MASK;
  return Object.fromEntries(Object.keys(values).map((name) => [name, MASK]));
}
