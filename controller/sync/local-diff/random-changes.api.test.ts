import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changed, disagreement, manifests, unlessRefused } from '../../../test/diff/random-change.ts';
import { connectReal, createNamespace, type RealCluster } from '../../../test/setup/real-cluster.ts';
import { FIELD_MANAGER } from '../../api/names.ts';
import { gvkOf, type KubeObject, keyOf, type ResourceInfo } from '../../kube/types.ts';
import { mapLimited } from '../../platform/concurrent.ts';
import { seededRandom } from '../../platform/random.ts';
import { diffObjects } from './diff-objects.ts';
import { predictedDifferences } from './predicted-differences.ts';

const NAMESPACE = 'random-changes';
/** For each object. */
const COMMITS = 40;
const HAND_EDITS = 15;

let cluster: RealCluster;
beforeAll(async () => {
  cluster = connectReal();
  await createNamespace(cluster, NAMESPACE);
});
afterAll(() => cluster.close());

/** What applying would make of the live object, beside that; undefined when the API server refuses it. */
async function dryRun(
  resource: ResourceInfo,
  wanted: KubeObject,
): Promise<{ live: KubeObject; predicted: KubeObject } | undefined> {
  const { client } = cluster;
  const options = { fieldManager: FIELD_MANAGER, force: true, dryRun: true };
  for (;;) {
    const live = await client.get(resource, keyOf(wanted));
    const predicted = await unlessRefused(client.apply(resource, wanted, options));
    if (predicted === undefined) return undefined;
    // A controller of the cluster may write in between.
    if (predicted.metadata.resourceVersion === live.metadata.resourceVersion) return { live, predicted };
  }
}

/** What was said otherwise than by the API server; nothing when it refuses the object. */
async function compared(resource: ResourceInfo, wanted: KubeObject, what: string): Promise<string[] | undefined> {
  const answer = await dryRun(resource, wanted);
  if (answer === undefined) return undefined;
  const { live, predicted } = answer;
  return disagreement(what, predictedDifferences(live, predicted), diffObjects(wanted, live));
}

/** Applies an object, in the namespace of this test. */
async function applied(manifest: KubeObject): Promise<{ resource: ResourceInfo; object: KubeObject }> {
  const resource = (await cluster.discovery.resourceFor(gvkOf(manifest))) as ResourceInfo;
  const metadata = { ...manifest.metadata, ...(resource.namespaced && { namespace: NAMESPACE }) };
  const object = { ...manifest, metadata };
  await cluster.client.apply(resource, object, { fieldManager: FIELD_MANAGER, force: true });
  return { resource, object };
}

const OBJECTS = manifests().map((object, i) => [`${object.kind} ${object.metadata.name}`, object, i] as const);

describe('without a cluster, a difference is one exactly where the API server says so, after', () => {
  it.each(OBJECTS)('random commits to %s', async (_, manifest, i) => {
    const { resource, object } = await applied(manifest);
    const random = seededRandom(i + 1);
    const changes = Array.from({ length: COMMITS }, () => changed(object, random));
    const results: (string[] | undefined)[] = [];
    await mapLimited(changes, 8, async ({ object: wanted, what }) => {
      results.push(await compared(resource, wanted, what));
    });
    expect(results.flatMap((result) => result ?? [])).toEqual([]);
    expect(results.some((result) => result !== undefined)).toBe(true);
  });

  it.each(OBJECTS)('random hand edits of %s', async (_, manifest, i) => {
    const { resource, object } = await applied(manifest);
    const { client } = cluster;
    const first = await client.get(resource, keyOf(object));
    const random = seededRandom(i + 1);
    const put = async (content: KubeObject): Promise<KubeObject | undefined> => {
      const { resourceVersion = '' } = (await client.get(resource, keyOf(object))).metadata;
      const metadata = { ...content.metadata, resourceVersion };
      return await unlessRefused(client.update(resource, { ...content, metadata }, { fieldManager: 'somebody' }));
    };
    const wrong: string[] = [];
    for (let edits = 0; edits < HAND_EDITS; edits++) {
      const { object: edited, what } = changed(first, random);
      if ((await put(edited)) === undefined) continue;
      wrong.push(...((await compared(resource, object, what)) ?? []));
      await put(first);
    }
    expect(wrong).toEqual([]);
  });
});
