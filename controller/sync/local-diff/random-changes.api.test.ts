import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectReal, createNamespace, type RealCluster } from '../../../test/setup/real-cluster.ts';
import { FIELD_MANAGER } from '../../api/names.ts';
import { isKubeError } from '../../kube/errors.ts';
import { gvkOf, type KubeObject, keyOf, type ResourceInfo } from '../../kube/types.ts';
import { parseYaml } from '../../manifest/yaml-profile.ts';
import { mapLimited } from '../../platform/concurrent.ts';
import { type Random, seededRandom } from '../../platform/random.ts';
import { diffObjects } from './diff-objects.ts';
import { predictedDifferences } from './predicted-differences.ts';

const FILE = 'test/fixtures/diff/objects.yaml';
const NAMESPACE = 'random-changes';
const OBJECTS = parseYaml(readFileSync(FILE, 'utf8'), FILE).map(({ value }) => value as KubeObject);
const CHANGES = 40;

let cluster: RealCluster;
beforeAll(async () => {
  cluster = connectReal();
  await createNamespace(cluster, NAMESPACE);
});
afterAll(() => cluster.close());

const IDENTITY: ReadonlySet<string> = new Set(['.apiVersion', '.kind', '.metadata.name', '.metadata.namespace']);

interface Change {
  object: KubeObject;
  what: string;
}

/** One random change of one random field: another value, an empty one, null, another type, or none. */
function changed(object: KubeObject, random: Random): Change {
  const copy = structuredClone(object);
  const places: { of: Record<string, unknown>; name: string; path: string }[] = [];
  const walk = (of: Record<string, unknown>, path: string): void => {
    for (const [name, value] of Object.entries(of)) {
      const here = `${path}.${name}`;
      if (IDENTITY.has(here)) continue;
      if (typeof value === 'object' && value !== null) walk(value as Record<string, unknown>, here);
      if (here !== '.metadata') places.push({ of, name, path: here });
    }
  };
  walk(copy as unknown as Record<string, unknown>, '');
  const pick = (n: number): number => Math.floor(random() * n);
  const place = places[pick(places.length)];
  if (place === undefined) throw new Error('nothing to change');
  const { of, name, path } = place;
  const before = of[name];
  const how = pick(5);
  if (how === 4 && !Array.isArray(of)) delete of[name];
  else of[name] = anotherValue(before, how);
  return { object: copy, what: `${object.kind} ${path}: ${JSON.stringify(before)} -> ${JSON.stringify(of[name])}` };
}

function anotherValue(value: unknown, how: number): unknown {
  if (Array.isArray(value)) return [[], [...value].reverse(), value.slice(1), null, [...value]][how];
  switch (typeof value) {
    case 'string':
      return how === 0 ? '' : how === 1 ? null : `${value}x`;
    case 'number':
      return [0, null, String(value)][how] ?? value + 1;
    case 'boolean':
      return how === 1 ? null : !value;
    default:
      return how < 2 ? {} : null;
  }
}

/** What the API server makes of it, beside the live object of the same version; undefined when it refuses it. */
async function dryRun(
  resource: ResourceInfo,
  wanted: KubeObject,
): Promise<{ live: KubeObject; predicted: KubeObject } | undefined> {
  const { client } = cluster;
  for (;;) {
    const live = await client.get(resource, keyOf(wanted));
    try {
      const predicted = await client.apply(resource, wanted, {
        fieldManager: FIELD_MANAGER,
        force: true,
        dryRun: true,
      });
      // A controller of the cluster may write in between.
      if (predicted.metadata.resourceVersion === live.metadata.resourceVersion) return { live, predicted };
    } catch (error) {
      // A list with keys that makes no sense is a 500.
      if (isKubeError(error) && error.status !== undefined) return undefined;
      throw error;
    }
  }
}

/** The order in which lists with keys stand is no difference here, but that of init containers. */
const OF_NO_ORDER = /(?<!initContainers) \(order\)$/;

describe('a random change of an object in Git is a difference exactly where the API server says so', () => {
  it.each(OBJECTS.map((object, i) => [`${object.kind} ${object.metadata.name}`, object, i] as const))(
    '%s',
    async (_, manifest, i) => {
      const resource = (await cluster.discovery.resourceFor(gvkOf(manifest))) as ResourceInfo;
      const metadata = { ...manifest.metadata, ...(resource.namespaced && { namespace: NAMESPACE }) };
      const object: KubeObject = { ...manifest, metadata };
      await cluster.client.apply(resource, object, { fieldManager: FIELD_MANAGER });
      const random = seededRandom(i + 1);
      const changes = Array.from({ length: CHANGES }, () => changed(object, random));
      let taken = 0;
      const wrong: string[] = [];
      await mapLimited(changes, 8, async ({ object: wanted, what }) => {
        const answer = await dryRun(resource, wanted);
        if (answer === undefined) return;
        taken += 1;
        const server = predictedDifferences(answer.live, answer.predicted).filter(
          ({ path }) => !OF_NO_ORDER.test(path),
        );
        const here = diffObjects(wanted, answer.live);
        if (server.length > 0 === here.length > 0) return;
        const paths = (found: typeof here): string => found.map(({ change, path }) => `${change} ${path}`).join(', ');
        wrong.push(`${what}\n  server: ${paths(server)}\n  here: ${paths(here)}`);
      });
      expect(wrong).toEqual([]);
      expect(taken).toBeGreaterThan(0);
    },
  );
});
