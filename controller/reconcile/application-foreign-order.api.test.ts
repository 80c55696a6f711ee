import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApplicationWorld, condition, isSyncedTo } from '../../test/application-world.ts';
import { eventually } from '../../test/setup/real-cluster.ts';
import type { KubeObject, ResourceInfo } from '../kube/types.ts';

/** What controllers write in their own order, or fill in themselves, is not put back to Git's order again and again. */
const NAMESPACE = 'app-foreign-order';
const resource = (group: string, version: string, kind: string, plural: string, namespaced: boolean): ResourceInfo => ({
  group,
  version,
  kind,
  plural,
  namespaced,
  verbs: [],
  subresources: [],
});
const RBAC = 'rbac.authorization.k8s.io';
const AUTOSCALERS = resource('autoscaling', 'v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers', true);
const BINDINGS = resource(RBAC, 'v1', 'RoleBinding', 'rolebindings', true);
const CLUSTER_ROLES = resource(RBAC, 'v1', 'ClusterRole', 'clusterroles', false);

const metric = (name: string): object => ({
  type: 'Resource',
  resource: { name, target: { type: 'Utilization', averageUtilization: 80 } },
});
const autoscaler = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'web' },
  spec: {
    maxReplicas: 4,
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'none' },
    metrics: [metric('memory'), metric('cpu')],
  },
};
const user = (name: string): object => ({ apiGroup: RBAC, kind: 'User', name });
const binding = {
  apiVersion: `${RBAC}/v1`,
  kind: 'RoleBinding',
  metadata: { name: 'web' },
  roleRef: { apiGroup: RBAC, kind: 'Role', name: 'web' },
  subjects: [user('ana'), user('bo')],
};
const labels = { [`aggregate-to.${NAMESPACE}`]: 'yes' };
const role = (name: string, more: object): object => ({
  apiVersion: `${RBAC}/v1`,
  kind: 'ClusterRole',
  metadata: { name: `${NAMESPACE}-${name}`, ...(name === 'part' && { labels }) },
  ...more,
});
const pods = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];
let world: ApplicationWorld;

beforeAll(async () => {
  world = await ApplicationWorld.open(NAMESPACE);
  await world.start();
});
afterAll(async () => {
  const { client } = world.cluster;
  await Promise.allSettled(['all', 'part'].map((name) => client.delete(CLUSTER_ROLES, `${NAMESPACE}-${name}`)));
  await world.close();
});

async function given(name: string, manifests: readonly object[]): Promise<void> {
  const commit = await world.push({
    [`${name}/all.json`]: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests }),
  });
  await world.createApplication({ name, path: name, automated: { selfHeal: true } });
  await world.until(isSyncedTo(commit), name);
}

/** Looks at every object anew; returns the Application and what was written to objects meanwhile. */
async function lookAgain(name: string): Promise<{ reason: string; written: string[] }> {
  world.writes.length = 0;
  await world.patchApplication({ metadata: { annotations: { 'slipway.dev/reconcile': 'again' } } }, name);
  const application = await world.until(({ status }) => status?.lastHandledReconcileAt === 'again', name);
  const written = world.writes.filter(
    (write) => !write.endsWith('(dry run)') && !write.startsWith('update applications'),
  );
  return { reason: condition(application, 'Synced').reason, written };
}

const IN_SYNC = { reason: 'InSync', written: [] };
const merge = (of: ResourceInfo, patch: object): Promise<KubeObject> =>
  world.cluster.client.patch(of, `${NAMESPACE}/web`, 'application/merge-patch+json', patch);

describe('stays in sync, and nothing is written, when', () => {
  it('somebody puts the metrics of an autoscaler and the subjects of a binding into another order', async () => {
    await given('order', [autoscaler, binding]);
    await merge(AUTOSCALERS, { spec: { metrics: [metric('cpu'), metric('memory')] } });
    await merge(BINDINGS, { subjects: [user('bo'), user('ana')] });
    expect(await lookAgain('order')).toEqual(IN_SYNC);
    expect(await world.read(AUTOSCALERS, 'web')).toMatchObject({
      spec: { metrics: [metric('cpu'), metric('memory')] },
    });
  });

  it('a subject more is drift, and is put right', async () => {
    world.writes.length = 0;
    await merge(BINDINGS, { subjects: [user('bo'), user('ana'), user('eve')] });
    await eventually(async () =>
      expect(await world.read(BINDINGS, 'web')).toMatchObject({ subjects: binding.subjects }),
    );
    expect(world.writes).toContain(`apply rolebindings ${NAMESPACE}/web`);
  });

  it('the cluster fills in the rules of an aggregated ClusterRole that Git has as an empty list', async () => {
    const aggregationRule = { clusterRoleSelectors: [{ matchLabels: labels }] };
    await given('roles', [role('part', { rules: pods }), role('all', { aggregationRule, rules: [] })]);
    const aggregated = async (): Promise<void> =>
      expect(await world.cluster.client.get(CLUSTER_ROLES, `${NAMESPACE}-all`)).toMatchObject({ rules: pods });
    await eventually(aggregated);
    expect(await lookAgain('roles')).toEqual(IN_SYNC);
    await aggregated();
  });
});
