import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, inject, test } from 'vitest';
import { countRequests } from './audit.ts';
import { kubeApi } from './kube-api.ts';
import { serviceAccountKubeconfig } from './service-account.ts';
import { until } from './wait.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-sa-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a ServiceAccount may do what its rules say and nothing else, and its requests can be counted', async () => {
  const file = await serviceAccountKubeconfig({
    kubeconfigPath: inject('kubeconfig'),
    namespace: 'default',
    name: 'reader',
    rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }],
    file: join(folder, 'kubeconfig'),
  });
  const api = kubeApi(file);
  const configMaps = '/api/v1/namespaces/default/configmaps';
  for (let i = 0; i < 3; i++) await api.request('GET', configMaps);
  await expect(api.request('DELETE', `${configMaps}/kube-root-ca.crt`)).rejects.toThrow(
    /answered 403: .*"system:serviceaccount:default:reader" cannot delete/,
  );

  const user = 'system:serviceaccount:default:reader';
  const counts = await until(
    async () => {
      const all = await countRequests(dirname(inject('kubeconfig')), { user });
      return all.length === 2 && all;
    },
    { what: 'the audit log', timeoutMs: 5_000 },
  );
  expect(counts).toEqual([
    { userAgent: 'slipway-cluster', verb: 'list', resource: 'configmaps', count: 3 },
    { userAgent: 'slipway-cluster', verb: 'delete', resource: 'configmaps', count: 1 },
  ]);
});
