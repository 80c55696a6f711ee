import { POD_TEMPLATE_HASH_LABEL, ROLLOUT_FIELD_MANAGER } from '../api/names.ts';
import { isConflict, isNotFound } from '../kube/errors.ts';
import { type KubeClient, keyOf, type ObjectKey } from '../kube/types.ts';
import type { Logger } from '../platform/logger.ts';
import { selectorPatch } from '../rollout/execute.ts';
import { SERVICE_RESOURCE } from '../rollout/resources.ts';
import type { RolloutCaches } from './rollout-caches.ts';

/**
 * Takes the hash out of the selectors of Services whose Rollout is gone: it would point at pods that are being deleted, and
 * whatever takes over (a Deployment, say) would get no requests. Goes by the annotation on the Service, so it also finds
 * what was left behind while no controller ran. A Rollout that exists releases its own Services.
 *
 * @returns false when a Service changed meanwhile and has to be looked at again
 */
export async function releaseServices(
  rollout: ObjectKey,
  {
    client,
    caches,
    logger,
    signal,
  }: { client: KubeClient; caches: RolloutCaches; logger: Logger; signal: AbortSignal },
): Promise<boolean> {
  for (const service of caches.services.byIndex('managedBy', rollout)) {
    const { resourceVersion = '' } = service.metadata;
    const patch = selectorPatch(resourceVersion, null, rollout);
    try {
      await client.patch(SERVICE_RESOURCE, keyOf(service), 'application/merge-patch+json', patch, {
        fieldManager: ROLLOUT_FIELD_MANAGER,
        signal,
      });
      const hash = service.spec.selector?.[POD_TEMPLATE_HASH_LABEL];
      logger.info({ service: keyOf(service), rollout, hash }, 'released the Service of a Rollout that is gone');
    } catch (error) {
      if (isConflict(error)) return false;
      if (!isNotFound(error)) throw error;
    }
  }
  return true;
}
