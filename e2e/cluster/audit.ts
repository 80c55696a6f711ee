import { createReadStream, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Which requests to count; what is not given is not asked for. */
export interface RequestFilter {
  /** Milliseconds since the epoch, inclusive. */
  readonly since?: number;
  /** Milliseconds since the epoch, exclusive. */
  readonly until?: number;
  /** The user agent begins with this. */
  readonly userAgent?: string;
  /** The user name, e.g. `system:serviceaccount:slipway:controller`. */
  readonly user?: string;
}

/** How often a client asked for something. */
export interface RequestCount {
  readonly userAgent: string;
  readonly verb: string;
  /** `resource`, `resource/subresource`, with `.group` after it unless it is the core group; a path otherwise. */
  readonly resource: string;
  readonly count: number;
}

/** As much of an audit event (audit.k8s.io/v1) as is counted. */
export interface AuditEvent {
  readonly auditID: string;
  readonly requestURI: string;
  readonly verb: string;
  readonly userAgent?: string;
  readonly user: { readonly username: string };
  readonly requestReceivedTimestamp: string;
  readonly objectRef?: { readonly resource?: string; readonly subresource?: string; readonly apiGroup?: string };
}

/** Counts the requests that a cluster's API server was asked, most frequent first. A watch counts once, when it begins. */
export async function countRequests(stateDir: string, filter: RequestFilter = {}): Promise<RequestCount[]> {
  const counter = requestCounter(filter);
  const files = readdirSync(stateDir).filter((file) => /^audit.*\.log$/.test(file));
  for (const file of files.sort()) {
    for await (const line of createInterface({ input: createReadStream(join(stateDir, file)) })) {
      // The last line may be half written.
      if (line.endsWith('}')) counter.add(JSON.parse(line) as AuditEvent);
    }
  }
  return counter.counts();
}

/** Adds up audit events. */
export function requestCounter(filter: RequestFilter): { add(event: AuditEvent): void; counts(): RequestCount[] } {
  const seen = new Set<string>();
  const counts = new Map<string, RequestCount>();
  return {
    add: (event) => {
      // A watch is logged when it begins and when it ends.
      if (!matches(event, filter) || seen.has(event.auditID)) return;
      seen.add(event.auditID);
      const entry = { userAgent: event.userAgent ?? '', verb: event.verb, resource: resourceOf(event) };
      const key = JSON.stringify(entry);
      counts.set(key, { ...entry, count: (counts.get(key)?.count ?? 0) + 1 });
    },
    counts: () => [...counts.values()].sort((a, b) => b.count - a.count),
  };
}

function matches(event: AuditEvent, filter: RequestFilter): boolean {
  const time = Date.parse(event.requestReceivedTimestamp);
  if (filter.since !== undefined && time < filter.since) return false;
  if (filter.until !== undefined && time >= filter.until) return false;
  if (filter.user !== undefined && event.user.username !== filter.user) return false;
  return filter.userAgent === undefined || (event.userAgent ?? '').startsWith(filter.userAgent);
}

function resourceOf({ objectRef, requestURI }: AuditEvent): string {
  if (objectRef?.resource === undefined) return requestURI.split('?')[0] ?? requestURI;
  const { resource, subresource, apiGroup } = objectRef;
  return `${resource}${subresource === undefined ? '' : `/${subresource}`}${apiGroup ? `.${apiGroup}` : ''}`;
}
