import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ensureAsset } from '../../e2e/cluster/assets.ts';
import { readManifests } from '../../e2e/cluster/custom-resources.ts';
import { folders } from '../../e2e/cluster/folders.ts';
import { SHAPES } from '../api/generated/schemas.ts';
import type { Shape } from '../api/shape.ts';
import type { KubeObject } from '../kube/types.ts';

/** Paths of a shape that another one does not have. */
function missing(ours: Shape, theirs: Shape | undefined, path: string): string[] {
  if (theirs === undefined) return [path];
  const fields = Object.entries(ours.properties ?? {});
  const inside = fields.flatMap(([name, field]) => missing(field, theirs.properties?.[name], `${path}.${name}`));
  return ours.items === undefined ? inside : [...inside, ...missing(ours.items, theirs.items, `${path}[]`)];
}

describe('the published definitions', () => {
  let status: Record<string, Shape | undefined>;

  beforeAll(async () => {
    const files = await ensureAsset('argo-rollouts', folders(), () => undefined);
    const definitions = readManifests(join(files, 'manifests', 'crds')) as KubeObject[];
    status = Object.fromEntries(
      definitions
        .filter(({ kind }) => kind === 'CustomResourceDefinition')
        .map((definition) => {
          const { names, versions } = definition['spec'] as {
            names: { kind: string };
            versions: { schema: { openAPIV3Schema: Shape } }[];
          };
          return [names.kind, versions[0]?.schema.openAPIV3Schema.properties?.['status']];
        }),
    );
  });

  it.each([
    [
      'Rollout',
      [
        'status.abortMessage',
        'status.blueGreen.fastTracked',
        'status.blueGreen.served',
        'status.blueGreen.updatedAvailableReplicas',
        'status.conditions[].observedGeneration',
        'status.model',
        'status.retries',
        'status.step',
      ],
    ],
    ['AnalysisRun', ['status.conditions', 'status.observedGeneration']],
  ])('of %s have a place for all of our status but for what is kept elsewhere', (kind, elsewhere) => {
    expect(missing(SHAPES[kind]?.status ?? {}, status[kind], 'status').sort()).toEqual(elsewhere);
  });
});
