import { readFileSync } from 'node:fs';
import { expect, inject, it } from 'vitest';
import { kubeApi } from '../../../e2e/cluster/kube-api.ts';
import { generateBuiltInTypes, isBuiltInPath, type OpenApiDocument } from '../../../tools/built-in-types.ts';

it('the table of built-in kinds is what the API server says of them', async () => {
  const api = kubeApi(inject('kubeconfig'));
  const { paths } = await api.request<{ paths: Record<string, { serverRelativeURL: string }> }>('GET', '/openapi/v3');
  const documents = await Promise.all(
    Object.entries(paths)
      .filter(([path]) => isBuiltInPath(path))
      .map(([, { serverRelativeURL }]) => api.request<OpenApiDocument>('GET', serverRelativeURL)),
  );
  expect(documents.length).toBeGreaterThan(15);
  // Out of date: `npm run cluster -- up`, then `npm run generate:built-in -- KUBECONFIG`.
  expect(generateBuiltInTypes(documents)).toBe(readFileSync('controller/api/generated/built-in-types.ts', 'utf8'));
});
