import type { KubeObject, WatchEvent } from '../kube/types.ts';
import type { Clock } from '../platform/clock.ts';

/** The API server serves what a definition says some time later, and nothing tells when. Milliseconds. */
const DISCOVERY_LAG_MS = [2_000, 15_000];

/**
 * Tells of every change of a CustomResourceDefinition, and when its spec has changed again after a while: what the API server
 * serves may have been asked for too early.
 *
 * @param look `known` is false for a definition that is new
 */
export function watchDefinitions(
  definitions: { onEvent(listener: (event: WatchEvent) => void): () => void },
  clock: Pick<Clock, 'after'>,
  look: (definition: KubeObject, known: boolean) => void,
): () => void {
  const later = new Set<() => void>();
  const remove = definitions.onEvent((event) => {
    const { type, object } = event;
    look(object, type !== 'added');
    if (type === 'added') return;
    if (type === 'updated' && event.old.metadata.generation === object.metadata.generation) return;
    for (const ms of DISCOVERY_LAG_MS) {
      const cancel = clock.after(ms, () => {
        later.delete(cancel);
        look(object, true);
      });
      later.add(cancel);
    }
  });
  return () => {
    remove();
    for (const cancel of later) cancel();
  };
}
