import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApplicationWorld, CONFIG_MAPS, condition, configMap, isSynced } from '../../test/application-world.ts';

const NAMESPACE = 'app-bad-lines';
let world: ApplicationWorld;
beforeAll(async () => {
  world = await ApplicationWorld.open(NAMESPACE);
  await world.start();
});
afterAll(() => world.close());

/** Two objects in one file; the second one starts in line 8. */
const second = (text: string): string => `# What the team has.
apiVersion: v1
kind: ConfigMap
metadata: {name: beside}
data: {key: value}
---
# This one has a mistake.
${text}
`;
const deployment = (spec: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main, image: "web:1"${spec}}]}`;

interface Mistake {
  what: string;
  /** The object, from line 8 on. */
  text: string;
  condition: 'SourceReady' | 'Synced';
  reason: string;
  /** What the condition has, in order. */
  says: readonly string[];
}

const MISTAKES: readonly Mistake[] = [
  {
    what: 'YAML that ends in a quote',
    text: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata:\n  a: "b\n  c: d',
    condition: 'SourceReady',
    reason: 'ManifestInvalid',
    says: ['/bad.yaml:1'],
  },
  {
    what: 'a tab',
    text: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n\tname: web',
    condition: 'SourceReady',
    reason: 'ManifestInvalid',
    says: ['/bad.yaml:11'],
  },
  {
    what: 'a key twice',
    text: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata:\n  a: b\n  a: c',
    condition: 'SourceReady',
    reason: 'ManifestInvalid',
    says: ['/bad.yaml:13', 'the same key stands twice'],
  },
  {
    what: 'no kind',
    text: 'apiVersion: v1\nmetadata: {name: web}\ndata: {a: b}',
    condition: 'SourceReady',
    reason: 'ManifestInvalid',
    says: ['/bad.yaml:8: ', 'kind'],
  },
  {
    what: 'no name',
    text: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {labels: {a: b}}',
    condition: 'SourceReady',
    reason: 'ManifestInvalid',
    says: ['/bad.yaml:8: ', 'ConfigMap', 'metadata.name'],
  },
  {
    what: 'a generated name',
    text: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: web-}',
    condition: 'SourceReady',
    reason: 'ManifestInvalid',
    says: ['/bad.yaml:8: ', 'ConfigMap', 'metadata.generateName'],
  },
  {
    what: 'the other object again',
    text: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: beside}',
    condition: 'SourceReady',
    reason: 'ManifestDuplicate',
    says: ['/bad.yaml:8: ', 'ConfigMap', 'beside', '/bad.yaml:2'],
  },
  {
    what: 'a misspelt option',
    text: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web, annotations: {slipway.dev/sync-options: Prune=flase}}',
    condition: 'SourceReady',
    reason: 'ManifestInvalid',
    says: [`ConfigMap ${NAMESPACE}/web: `, 'slipway.dev/sync-options', 'Prune=flase', '/bad.yaml:8'],
  },
  {
    what: 'an unknown field',
    text: deployment(', imagePullPolcy: Always'),
    condition: 'Synced',
    reason: 'ObjectRefused',
    says: [
      `Deployment ${NAMESPACE}/web: `,
      '.spec.template.spec.containers[name="main"].imagePullPolcy',
      '/bad.yaml:8)',
    ],
  },
  {
    what: 'a text for a number',
    text: deployment('').replace('replicas: 0', 'replicas: three'),
    condition: 'Synced',
    reason: 'ObjectRefused',
    says: [`Deployment ${NAMESPACE}/web: `, '.spec.replicas', '/bad.yaml:8)'],
  },
  {
    what: 'a bad quantity',
    text: deployment(', resources: {limits: {memory: 1Gib}}'),
    condition: 'Synced',
    reason: 'ObjectRefused',
    says: [`Deployment ${NAMESPACE}/web: `, 'quantit', '/bad.yaml:8)'],
  },
  {
    what: 'two variables of one name',
    text: deployment(', env: [{name: A, value: a}, {name: A, value: b}]'),
    condition: 'Synced',
    reason: 'ObjectRefused',
    says: [`Deployment ${NAMESPACE}/web: `, '.env', '[name="A"]', '/bad.yaml:8)'],
  },
  {
    what: 'a field that is missing',
    text: deployment('').replace('  selector: {matchLabels: {app: web}}\n', ''),
    condition: 'Synced',
    reason: 'ObjectRefused',
    says: [`Deployment ${NAMESPACE}/web: `, 'spec.selector', '/bad.yaml:8)'],
  },
  {
    what: 'a kind that nobody knows',
    text: 'apiVersion: nobody.example.test/v1\nkind: Gizmo\nmetadata: {name: web}',
    condition: 'Synced',
    reason: 'KindUnknown',
    says: [`Gizmo ${NAMESPACE}/web: `, 'nobody.example.test/v1', '/bad.yaml:8)'],
  },
  {
    what: 'an object of another Application',
    text: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: of-another}\ndata: {a: b}',
    condition: 'Synced',
    reason: 'OwnedByOther',
    says: [`ConfigMap ${NAMESPACE}/of-another: `, `belongs to Application ${NAMESPACE}/another`, '/bad.yaml:8)'],
  },
];

describe('a mistake in the second object of a file is named by file, line, object and field, and nothing is pruned', () => {
  it.each(MISTAKES)('$what', async ({ what, text, condition: type, reason, says }) => {
    if (reason === 'OwnedByOther') {
      await world.push({ 'another/a.yaml': configMap('of-another') });
      await world.createApplication({ name: 'another', path: 'another', automated: {} });
      await world.until(isSynced, 'another');
    }
    const name = what.toLowerCase().replaceAll(' ', '-');
    const gone = `${name}-gone`;
    await world.push({ [`${name}/gone.yaml`]: configMap(gone), [`${name}/a.yaml`]: configMap(`${name}-a`) });
    await world.createApplication({ name, path: name, automated: { prune: true } });
    await world.until(isSynced, name);
    await world.push({ [`${name}/gone.yaml`]: null, [`${name}/bad.yaml`]: second(text) });
    const application = await world.until((app) => condition(app, type).reason === reason, name);
    const { message } = condition(application, type);
    let from = 0;
    for (const part of says) {
      expect(message.slice(from)).toContain(part.startsWith('/') ? `${name}${part}` : part);
      from = message.indexOf(part, from) + part.length;
    }
    expect(message).not.toContain('\n');
    expect(await world.read(CONFIG_MAPS, gone)).toBeDefined();
    // Where the set is known, the rest goes on; where it is not, nothing does.
    expect((await world.read(CONFIG_MAPS, 'beside')) !== undefined).toBe(type === 'Synced');
    await world.push({ [`${name}/bad.yaml`]: null });
    await world.until((app) => isSynced(app) && app.status?.resources?.length === 1, name);
    expect(await world.read(CONFIG_MAPS, gone)).toBeUndefined();
  });
});
