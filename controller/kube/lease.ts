import type { KubeObject, ResourceInfo } from './types.ts';

/** Leases, known without discovery. */
export const LEASES: ResourceInfo = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
  verbs: ['get', 'create', 'update'],
  subresources: [],
};

export interface LeaseSpec {
  /** Empty when nobody holds it. */
  holderIdentity: string;
  leaseDurationSeconds: number;
  /** RFC 3339 with microseconds, as the API demands. Of the holder's clock: for people, never compared. */
  acquireTime?: string;
  renewTime?: string;
  /** How often the holder changed. */
  leaseTransitions: number;
}

/** Reads the spec of a Lease, with the defaults of an absent field. */
export function leaseSpecOf(lease: KubeObject): LeaseSpec {
  const spec = (lease['spec'] ?? {}) as Partial<LeaseSpec>;
  return {
    ...spec,
    holderIdentity: spec.holderIdentity ?? '',
    leaseDurationSeconds: spec.leaseDurationSeconds ?? 0,
    leaseTransitions: spec.leaseTransitions ?? 0,
  };
}

/** The spec with which `identity` takes or renews the Lease at wall-clock time `now`. */
export function heldBy(identity: string, previous: LeaseSpec | undefined, durationMs: number, now: number): LeaseSpec {
  const renewed = microTime(now);
  const mine = previous?.holderIdentity === identity;
  return {
    holderIdentity: identity,
    leaseDurationSeconds: Math.ceil(durationMs / 1000),
    acquireTime: (mine ? previous.acquireTime : undefined) ?? renewed,
    renewTime: renewed,
    leaseTransitions: previous === undefined ? 0 : previous.leaseTransitions + (mine ? 0 : 1),
  };
}

/** The spec that gives the Lease away, so that another replica need not wait for it to run out. */
export function released(previous: LeaseSpec, now: number): LeaseSpec {
  return { ...previous, holderIdentity: '', leaseDurationSeconds: 1, renewTime: microTime(now) };
}

function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
