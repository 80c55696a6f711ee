import { expect, inject, test } from 'vitest';
import { ownDefinitions } from './custom-resources.ts';
import { kubeApi } from './kube-api.ts';

const api = kubeApi(inject('kubeconfig'));

test('the API server says the version that it was built from', async () => {
  const version = await api.request<{ gitVersion: string; major: string; minor: string }>('GET', '/version');
  expect(version).toMatchObject({ gitVersion: 'v1.36.3', major: '1', minor: '36' });
});

test('every definition of the project is served', async () => {
  const groups = await api.request<{ resources: { kind: string }[] }>('GET', '/apis/slipway.dev/v1alpha1');
  const served = new Set(groups.resources.map(({ kind }) => kind));
  const expected = ownDefinitions().map(
    (crd) => (crd as unknown as { spec: { names: { kind: string } } }).spec.names.kind,
  );
  expect(expected.length).toBeGreaterThan(0);
  expect([...served]).toEqual(expect.arrayContaining(expected));
});

test('a refused request says what the API server said', async () => {
  await expect(api.request('GET', '/api/v1/namespaces/nowhere')).rejects.toThrow(
    'GET /api/v1/namespaces/nowhere answered 404: namespaces "nowhere" not found',
  );
});
