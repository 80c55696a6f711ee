import fc from 'fast-check';
import { expect, it } from 'vitest';
import { describeId, formatObjectId, idOf, parseObjectId, parseTrackingId, trackedBy, trackingId } from './identity.ts';

const dns = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/);
const id = fc.record({
  group: fc.oneof(
    fc.constant(''),
    dns.map((text) => `${text}.example.com`),
  ),
  kind: fc.stringMatching(/^[A-Z][A-Za-z]{0,10}$/),
  namespace: fc.oneof(fc.constant(''), dns),
  name: fc.oneof(dns, fc.constant('system:auth-delegator')),
});

it('identities survive being written and read', () => {
  fc.assert(
    fc.property(id, dns, dns, (object, namespace, name) => {
      expect(parseObjectId(formatObjectId(object))).toEqual(object);
      expect(parseTrackingId(trackingId({ namespace, name }, object))).toEqual({
        application: { namespace, name },
        id: object,
      });
    }),
  );
});

it('writes the documented forms', () => {
  const object = idOf({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'demo' } });
  expect(formatObjectId(object)).toBe('apps/Deployment/demo/web');
  expect(trackingId({ namespace: 'slipway', name: 'shop' }, object)).toBe('slipway_shop:apps/Deployment:demo/web');
  expect(describeId(object)).toBe('Deployment demo/web');
});

it('refuses what it did not write', () => {
  for (const text of ['', 'a/b', 'a/b/c', 'a/b/c/', '//ns/name', 'a/b/c/d/e'])
    expect(parseObjectId(text)).toBeUndefined();
  for (const text of ['', 'x', 'a_b:c:d', 'a:/Kind:ns/name', 'a_b:/Kind:ns/na/me'])
    expect(parseTrackingId(text)).toBeUndefined();
});

it('does not count a copied annotation as ownership', () => {
  const own = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a', namespace: 'demo', annotations: { 'slipway.dev/tracking-id': 's_app:/ConfigMap:demo/a' } },
  };
  expect(trackedBy(own)).toEqual({ namespace: 's', name: 'app' });
  expect(trackedBy({ ...own, metadata: { ...own.metadata, name: 'copy' } })).toBeUndefined();
  expect(
    trackedBy({
      ...own,
      metadata: { ...own.metadata, annotations: { 'slipway.dev/tracking-id': 7 as unknown as string } },
    }),
  ).toBeUndefined();
});
