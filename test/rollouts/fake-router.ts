import type { Informer, KubeClient } from '../../controller/kube/types.ts';
import { keyOf } from '../../controller/kube/types.ts';
import type { HttpRoute } from '../../controller/traffic/gateway-api.ts';

/** What the router answers for the routes of a test. */
export interface FakeRouter {
  /** From now on every route gets this answer for both conditions. `silent` answers nothing. */
  answer: 'accept' | 'refuse' | 'silent';
  /** Looks at all routes again. */
  poke(): void;
  stop(): void;
}

/** Plays the controller of a Gateway: says in the status of each HTTPRoute whether it took this generation. */
export function fakeRouter(client: KubeClient, routes: Informer<HttpRoute>): FakeRouter {
  const look = (route: HttpRoute): void => {
    if (router.answer === 'silent' || route.metadata.deletionTimestamp !== undefined) return;
    const status = router.answer === 'accept' ? 'True' : 'False';
    const observedGeneration = route.metadata.generation ?? 0;
    const known = route.status?.parents?.[0]?.conditions?.[0];
    if (known?.observedGeneration === observedGeneration && known.status === status) return;
    const lastTransitionTime = new Date().toISOString().replace(/\.\d+/, '');
    const condition = { status, observedGeneration, lastTransitionTime, message: 'said the test' };
    const parents = (route.spec?.parentRefs ?? []).map((parentRef) => ({
      parentRef,
      controllerName: 'test.slipway.dev/router',
      conditions: [
        { type: 'Accepted', reason: status === 'True' ? 'Accepted' : 'UnsupportedValue', ...condition },
        { type: 'ResolvedRefs', reason: 'ResolvedRefs', ...condition, status: 'True' },
      ],
    }));
    client
      .patch(
        routes.resource,
        keyOf(route),
        'application/merge-patch+json',
        { status: { parents } },
        { subresource: 'status' },
      )
      .catch(() => undefined);
  };
  const remove = routes.onEvent((event) => {
    if (event.type !== 'deleted') look(event.object);
  });
  const router: FakeRouter = {
    answer: 'accept',
    poke: () => routes.list().forEach(look),
    stop: remove,
  };
  return router;
}
