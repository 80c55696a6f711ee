import type { RequestCount } from '../cluster/audit.ts';

const WRITES: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

/**
 * What requests come to for each of a number of objects: all writes, then those of each verb and resource, Events included.
 * The Lease is left out: it is renewed however many objects there are.
 */
export function writesPer(what: string, objects: number, counts: readonly RequestCount[]): Record<string, number> {
  const writes = withoutLeases(counts).filter(({ verb }) => WRITES.has(verb));
  return {
    [`writes per ${what}`]: sum(writes) / objects,
    ...Object.fromEntries(writes.map(({ verb, resource, count }) => [`  ${verb} ${resource}`, count / objects])),
  };
}

/** How often the API server was asked for nothing: writes, lists, reads, and watches that were begun again. */
export function idleRequests(counts: readonly RequestCount[]): Record<string, number> {
  const others = withoutLeases(counts);
  const only = (match: (verb: string) => boolean): number => sum(others.filter(({ verb }) => match(verb)));
  return {
    writes: only((verb) => WRITES.has(verb)),
    lists: only((verb) => verb === 'list'),
    reads: only((verb) => verb === 'get'),
    'watches begun again': only((verb) => verb === 'watch'),
  };
}

function withoutLeases(counts: readonly RequestCount[]): RequestCount[] {
  return counts.filter(({ resource }) => !resource.startsWith('leases'));
}

function sum(counts: readonly RequestCount[]): number {
  return counts.reduce((total, { count }) => total + count, 0);
}
