import { describe, expect, it } from 'vitest';
import { loadManifests, type ManifestFile, ManifestMemo } from './load.ts';

const file = (path: string, text: string, blobId?: string): ManifestFile => ({ path, text, ...(blobId && { blobId }) });
const configMap = (name: string, extra = '') => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${extra}`;
const names = (files: ManifestFile[]) =>
  loadManifests(files).objects.map(
    ({ object, file: path, line }) => `${object.kind} ${object.metadata.name} ${path}:${line}`,
  );

it('reads several documents and files, with their positions', () => {
  const text = `# heading\n---\n${configMap('a')}---\n# nothing\n---\n\n${configMap('b')}`;
  const json = '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}';
  expect(names([file('x/a.yaml', text), file('x/c.json', json), file('x/README.md', 'kind: [')])).toEqual([
    'ConfigMap a x/a.yaml:3',
    'ConfigMap b x/a.yaml:11',
    'ConfigMap c x/c.json:1',
  ]);
});

it('flattens lists', () => {
  const list =
    'apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: a}\n- apiVersion: v1\n  kind: ServiceList\n  items:\n  - {apiVersion: v1, kind: Service, metadata: {name: b}}\n';
  expect(names([file('l.yaml', list)])).toEqual(['ConfigMap a l.yaml:4', 'Service b l.yaml:7']);
});

it('keeps every field, and hands out frozen objects', () => {
  const [loaded] = loadManifests([file('a.yaml', configMap('a', 'data: {x: "1"}\nunknown: [1]\n'))]).objects;
  expect(loaded?.object).toEqual({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a' },
    data: { x: '1' },
    unknown: [1],
  });
  expect(() => Object.assign(loaded?.object.metadata ?? {}, { name: 'b' })).toThrow(TypeError);
});

it('leaves out what is not for Kubernetes, and says so', () => {
  const result = loadManifests([
    file('values.yaml', 'image: x\n'),
    file('list.yaml', '- 1\n'),
    file('a.yaml', configMap('a')),
    file('empty.yaml', '# nothing\n'),
  ]);
  expect(result.objects).toHaveLength(1);
  expect(result.skipped).toEqual([
    { file: 'values.yaml', line: 1, reason: 'it has neither apiVersion nor kind' },
    { file: 'list.yaml', line: 1, reason: 'it is not a map' },
  ]);
});

describe('refuses, with file and line', () => {
  it.each([
    ['kind: ConfigMap\nmetadata: {name: a}\n', 'apiVersion is missing'],
    ['apiVersion: v1\nmetadata: {name: a}\n', 'kind is missing'],
    ['apiVersion: v1\nkind: 7\nmetadata: {name: a}\n', 'kind is missing or no text'],
    ['apiVersion: v1\nkind: Pod\n', 'Pod has no metadata'],
    ['apiVersion: v1\nkind: Pod\nmetadata: {}\n', 'Pod has no metadata.name'],
    ['apiVersion: v1\nkind: Pod\nmetadata: {name: 12}\n', 'in quotes if YAML takes it for a number or for yes and no'],
    ['apiVersion: v1\nkind: Pod\nmetadata: {name: ../x}\n', 'use no slash'],
    ['apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: 1}\n', 'metadata.namespace'],
    [
      'apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: a-}\n',
      'metadata.generateName, which would make a new object at every sync',
    ],
    [
      'apiVersion: v1\nkind: Pod\nmetadata: {name: a, annotations: {port: 8080}}\n',
      'metadata.annotations["port"] that is no text',
    ],
    ['apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: [x]}\n', 'metadata.labels that is no text'],
    ['apiVersion: v1\nkind: List\nitems:\n- kind: Pod\n', 'apiVersion is missing'],
  ])('%j', (text, expected) => {
    expect(() => loadManifests([file('apps/b.yaml', text)])).toThrow(expected);
    expect(() => loadManifests([file('apps/b.yaml', text)])).toThrow(/^apps\/b\.yaml:[14]: /);
  });

  it('the same object twice, naming both places', () => {
    const files = [file('a.yaml', configMap('x')), file('b.yaml', `${configMap('z')}---\n${configMap('x')}`)];
    expect(() => loadManifests(files)).toThrow('b.yaml:6: ConfigMap x also stands in a.yaml:1: remove one of them');
  });

  it('the same object once with and once without the default namespace', () => {
    const files = [file('a.yaml', configMap('x')), file('b.yaml', configMap('x', '  namespace: demo\n'))];
    expect(() => loadManifests(files, { defaultNamespace: 'demo' })).toThrow(
      'ConfigMap demo/x also stands in a.yaml:1',
    );
    expect(loadManifests(files, { defaultNamespace: 'other' }).objects).toHaveLength(2);
  });

  it('the whole set when one of many documents is broken, counting the other broken files', () => {
    const files = [
      file('a.yaml', configMap('x')),
      file('b.yaml', `${configMap('z')}---\na: [\n`),
      file('c.yaml', 'kind: X\n'),
    ];
    expect(() => loadManifests(files)).toThrow(/^b\.yaml:\d+:\d+: .* \(and 1 more file has a mistake\)$/);
  });
});

it.each(['kustomization.yaml', 'a/kustomization.yml', 'Chart.yaml'])('refuses a folder of another tool: %s', (path) => {
  const text = 'resources: [a.yaml]\n';
  const memo = new ManifestMemo();
  loadManifests([{ path: 'values.yaml', blobId: 'b', text }], { memo });
  expect(() => loadManifests([{ path, blobId: 'b', text }], { memo })).toThrow(`${path}:1: `);
  expect(() => loadManifests([{ path, blobId: 'b', text }], { memo })).toThrow('spec.source.directory.exclude');
});

it('parses an unchanged file once', () => {
  const memo = new ManifestMemo();

  const first = loadManifests([file('a.yaml', configMap('a'), 'id1')], { memo });
  const second = loadManifests([file('moved.yaml', configMap('a'), 'id1')], { memo });

  expect(second.objects[0]?.object).toBe(first.objects[0]?.object);
  expect(second.objects[0]?.file).toBe('moved.yaml');
});
