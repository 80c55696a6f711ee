import type { AcquireOptions, InformerLease, SharedInformers } from '../kube/informers.ts';
import type { KubeObject, ResourceInfo } from '../kube/types.ts';
import { INSTANCE_ID_LABEL, isShared } from './names.ts';
import { argoResource, becomeOwn } from './objects.ts';

/**
 * Caches for code that knows our group alone: they follow the other group and show its objects in our form.
 *
 * @param instanceId only objects with this id, or without one those that bear none: the others have a controller of their own
 */
export function argoInformers(
  informers: Pick<SharedInformers, 'acquire'>,
  instanceId: string | undefined,
): Pick<SharedInformers, 'acquire'> {
  const mine = instanceId === undefined ? `!${INSTANCE_ID_LABEL}` : `${INSTANCE_ID_LABEL}=${instanceId}`;
  return {
    acquire<T extends KubeObject = KubeObject>(resource: ResourceInfo, options: AcquireOptions = {}): InformerLease<T> {
      const { transform, labelSelector, ...rest } = options;
      const selectors = [labelSelector, isShared(resource) ? mine : undefined].filter((one) => one !== undefined);
      return informers.acquire<T>(argoResource(resource), {
        ...rest,
        ...(selectors.length === 0 ? {} : { labelSelector: selectors.join(',') }),
        transform: {
          name: `argoproj.io${transform === undefined ? '' : ` ${transform.name}`}`,
          apply(object) {
            becomeOwn(object);
            transform?.apply(object);
          },
        },
      });
    },
  };
}
