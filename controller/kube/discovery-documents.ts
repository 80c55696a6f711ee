import type { ResourceInfo } from './types.ts';

/** What one discovery document said: kinds, and group versions whose server could not be asked. */
export interface DiscoveredKinds {
  resources: ResourceInfo[];
  /** `group/version` of groups that are registered but do not answer. */
  stale: string[];
}

interface AggregatedResource {
  resource?: string;
  responseKind?: { group?: string; version?: string; kind?: string } | null;
  scope?: string;
  verbs?: string[];
  subresources?: { subresource?: string }[];
}

interface AggregatedGroups {
  kind?: string;
  items?: {
    metadata?: { name?: string };
    versions?: { version?: string; freshness?: string; resources?: AggregatedResource[] }[];
  }[];
}

/** Parses an APIGroupDiscoveryList (apidiscovery.k8s.io/v2); undefined when the server answered with something older. */
export function parseAggregated(body: unknown): DiscoveredKinds | undefined {
  const list = body as AggregatedGroups;
  if (list.kind !== 'APIGroupDiscoveryList') return undefined;
  const found: DiscoveredKinds = { resources: [], stale: [] };
  for (const item of list.items ?? []) {
    const group = item.metadata?.name ?? '';
    for (const { version = '', freshness, resources = [] } of item.versions ?? []) {
      if (freshness === 'Stale') found.stale.push(`${group}/${version}`);
      for (const r of resources) {
        if (r.resource === undefined || !r.responseKind?.kind) continue;
        found.resources.push({
          group,
          version,
          kind: r.responseKind.kind,
          plural: r.resource,
          namespaced: r.scope === 'Namespaced',
          verbs: r.verbs ?? [],
          subresources: (r.subresources ?? []).map((s) => s.subresource ?? ''),
        });
      }
    }
  }
  return found;
}

interface ResourceList {
  resources?: { name?: string; kind?: string; namespaced?: boolean; verbs?: string[] }[];
}

/** Parses an APIResourceList, in which subresources are entries of their own with a slash in the name. */
export function parseResourceList(group: string, version: string, body: unknown): ResourceInfo[] {
  const entries = (body as ResourceList).resources ?? [];
  const names = entries.map((entry) => entry.name ?? '');
  return entries.flatMap(({ name = '', kind = '', namespaced, verbs }) =>
    name === '' || name.includes('/')
      ? []
      : [
          {
            group,
            version,
            kind,
            plural: name,
            namespaced: namespaced === true,
            verbs: verbs ?? [],
            subresources: names.filter((n) => n.startsWith(`${name}/`)).map((n) => n.slice(name.length + 1)),
          },
        ],
  );
}

/** Group versions of `/api` and `/apis` in their oldest form. */
export function parseGroupVersions(core: unknown, groups: unknown): { group: string; version: string }[] {
  const coreVersions = (core as { versions?: string[] }).versions ?? [];
  const list = (groups as { groups?: { name?: string; versions?: { version?: string }[] }[] }).groups ?? [];
  return [
    ...coreVersions.map((version) => ({ group: '', version })),
    ...list.flatMap(({ name = '', versions = [] }) => versions.map(({ version = '' }) => ({ group: name, version }))),
  ];
}
