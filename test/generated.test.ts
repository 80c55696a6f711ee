import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const crds = readdirSync('crds')
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => ({ file, crd: parse(readFileSync(`crds/${file}`, 'utf8')) }));

interface Node {
  type?: string;
  properties?: Record<string, Node>;
  items?: Node;
  additionalProperties?: Node;
  description?: string;
}

function schemaOf(kind: string): Node {
  const found = crds.find(({ crd }) => crd.spec.names.kind === kind);
  return found?.crd.spec.versions[0].schema.openAPIV3Schema;
}

describe('generated files', () => {
  it('are what the CRDs say', () => {
    expect(existsSync('dist/tools/generate.js')).toBe(true);
    expect(() =>
      execFileSync(process.execPath, ['dist/tools/generate.js', '--check'], { stdio: 'pipe' }),
    ).not.toThrow();
  });
});

describe('CRDs', () => {
  it.each(crds)('$file serves one storage version with printer columns and an age', ({ crd }) => {
    expect(crd.spec.versions.filter((v: { storage: boolean }) => v.storage)).toHaveLength(1);
    const columns = crd.spec.versions[0].additionalPrinterColumns.map((c: { name: string }) => c.name);
    expect(columns.at(-1)).toBe('Age');
    expect(crd.metadata.name).toBe(`${crd.spec.names.plural}.${crd.spec.group}`);
  });

  it('say the same of a metric in templates and in runs', () => {
    const metrics = (kind: string): unknown => schemaOf(kind).properties?.['spec']?.properties?.['metrics'];
    expect(metrics('ClusterAnalysisTemplate')).toEqual(metrics('AnalysisTemplate'));
    expect(metrics('AnalysisRun')).toEqual(metrics('AnalysisTemplate'));
  });

  it('say the same of a registry in a namespace and of one for the cluster, but for the place of the Secret', () => {
    const strip = (kind: string): unknown => {
      const properties = { ...schemaOf(kind).properties?.['spec']?.properties };
      delete properties['secretRef'];
      return properties;
    };
    expect(strip('ClusterModelRegistry')).toEqual(strip('ModelRegistry'));
  });
});
