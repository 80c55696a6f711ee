import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { repositoryRoot } from '../cluster/folders.ts';
import { fill, readTemplates } from './repository.ts';

const VALUES = {
  MLFLOW_URL: 'http://192.0.2.1:5000',
  PROMETHEUS_URL: 'http://127.0.0.1:9090',
  MODEL_SERVER_IMAGE: 'registry.local/demo/model-server:1',
  GATEWAY_CLASS: 'traefik',
  GATEWAY_PORT: '8080',
  REPOSITORY_URL: 'http://127.0.0.1:3000/slipway/models.git',
  FORGE_USER: 'slipway',
  FORGE_PASSWORD: 'secret',
};

it('makes manifests of all templates, with nothing left to fill in', () => {
  const folder = join(repositoryRoot(), 'e2e', 'journeys');
  const files = readTemplates(join(folder, 'fraud'), VALUES);
  const application = fill(readFileSync(join(folder, 'application.yaml'), 'utf8'), VALUES);
  const documents = [...Object.values(files), application].flatMap((text) => parseAllDocuments(text));
  expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
  expect(documents.map((document) => document.get('kind')).sort()).toEqual([
    'AnalysisTemplate',
    'Application',
    'Gateway',
    'HTTPRoute',
    'ModelRegistry',
    'Rollout',
    'Secret',
    'Service',
    'Service',
  ]);
  expect(JSON.stringify(files)).not.toContain('$');
});

it('refuses a template with a name that has no value', () => {
  expect(() => fill(`image: \${NOBODY_KNOWS}`, VALUES)).toThrow('NOBODY_KNOWS');
});
