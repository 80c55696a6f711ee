import { isGone } from './errors.ts';
import { collectionPath } from './paths.ts';
import type { Transport } from './transport.ts';
import { apiVersionOf, type KubeObject, type ListOptions, type ResourceInfo } from './types.ts';

/** A page of this many keeps memory and event loop quiet; measured in docs/adr/0001-own-transport-beside-client-node.md. */
const PAGE_SIZE = 500;
/** A list that expires between pages is started again this often before the error is the caller's. */
const MAX_RESTARTS = 3;

export interface ListResult {
  items: KubeObject[];
  /** Where a watch goes on from. */
  resourceVersion: string;
}

/**
 * Reads all pages as one consistent snapshot. `transform` sees every object as it arrives, so that what it drops is never
 * held for the whole list.
 */
export async function listPages(
  transport: Transport,
  resource: ResourceInfo,
  options: ListOptions & { accept?: string | undefined },
  transform: (object: KubeObject) => KubeObject = (object) => object,
): Promise<ListResult> {
  for (let restarts = 0; ; restarts++) {
    try {
      return await listOnce(transport, resource, options, transform);
    } catch (error) {
      // 410 in the middle: the continue token is older than what the store still has.
      if (!isGone(error) || restarts >= MAX_RESTARTS) throw error;
    }
  }
}

async function listOnce(
  transport: Transport,
  resource: ResourceInfo,
  options: ListOptions & { accept?: string | undefined },
  transform: (object: KubeObject) => KubeObject,
): Promise<ListResult> {
  const items: KubeObject[] = [];
  let next: string | undefined;
  for (;;) {
    const page = parsePage(
      await transport.request({
        verb: 'list',
        resource: resource.plural,
        key: options.namespace ?? '',
        path: collectionPath(resource, options.namespace ?? ''),
        query: {
          limit: PAGE_SIZE,
          continue: next,
          labelSelector: options.labelSelector,
          fieldSelector: options.fieldSelector,
        },
        accept: options.accept,
        signal: options.signal,
      }),
    );
    for (const item of page.items) items.push(transform(withKind(item, resource)));
    next = page.next;
    if (next === undefined) return { items, resourceVersion: page.resourceVersion };
  }
}

/** Items of a list come without apiVersion and kind. */
function withKind(item: Omit<KubeObject, 'apiVersion' | 'kind'>, resource: ResourceInfo): KubeObject {
  return { ...item, apiVersion: apiVersionOf(resource), kind: resource.kind } as KubeObject;
}

interface Page {
  items: KubeObject[];
  next: string | undefined;
  resourceVersion: string;
}

function parsePage(body: unknown): Page {
  const { items, metadata } = body as {
    items?: KubeObject[] | null;
    metadata?: { continue?: string; resourceVersion?: string };
  };
  const next = metadata?.continue;
  return {
    items: items ?? [],
    next: next === undefined || next === '' ? undefined : next,
    resourceVersion: metadata?.resourceVersion ?? '',
  };
}
