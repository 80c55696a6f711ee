import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../test/fake-apiserver/harness.ts';
import { FakeApiServer } from '../../test/fake-apiserver/server.ts';
import { ManualClock } from '../platform/manual-clock.ts';

let server: FakeApiServer;
let clock: ManualClock;
let cluster: ReturnType<typeof connect>;
let kinds: string[];
let stale: boolean;

const DEPLOYMENT = { group: 'apps', version: 'v1', kind: 'Deployment' };
const WIDGET = { group: 'example.com', version: 'v1', kind: 'Widget' };
const METRICS = { group: 'metrics.k8s.io', version: 'v1beta1', kind: 'PodMetrics' };

const aggregated = (groups: object[]) => ({
  kind: 'APIGroupDiscoveryList',
  apiVersion: 'apidiscovery.k8s.io/v2',
  items: groups,
});
const resource = (kind: string, group: string) => ({
  resource: `${kind.toLowerCase()}s`,
  responseKind: { group, version: 'v1', kind },
  scope: 'Namespaced',
  verbs: ['get', 'list'],
  subresources: [{ subresource: 'status' }, { subresource: 'scale' }],
});

beforeEach(async () => {
  server = await FakeApiServer.start();
  clock = new ManualClock();
  cluster = connect(server.identity(), { clock });
  kinds = ['Deployment'];
  stale = false;
  server.route('/api', () => ({ status: 200, body: aggregated([]) }));
  server.route('/apis', () => ({
    status: 200,
    body: aggregated([
      { metadata: { name: 'apps' }, versions: [{ version: 'v1', resources: kinds.map((k) => resource(k, 'apps')) }] },
      {
        metadata: { name: 'example.com' },
        versions: [
          { version: 'v1', resources: kinds.filter((k) => k === 'Widget').map((k) => resource(k, 'example.com')) },
        ],
      },
      ...(stale
        ? [{ metadata: { name: 'metrics.k8s.io' }, versions: [{ version: 'v1beta1', freshness: 'Stale' }] }]
        : []),
    ]),
  }));
});
afterEach(async () => {
  await cluster.close();
  await server.close();
});

describe('discovery', () => {
  it('knows all that a URL needs', async () => {
    expect(await cluster.discovery.resourceFor(DEPLOYMENT)).toEqual({
      ...DEPLOYMENT,
      plural: 'deployments',
      namespaced: true,
      verbs: ['get', 'list'],
      subresources: ['status', 'scale'],
    });
  });

  it('finds a kind in another version, and does not take "not known" for "not there"', async () => {
    const old = { group: 'apps', kind: 'Deployment' };
    expect(await cluster.discovery.resourceFor({ ...old, version: 'v1beta1' })).toBeUndefined();
    expect(await cluster.discovery.inAnyVersion(old)).toMatchObject({ version: 'v1', plural: 'deployments' });
    expect(await cluster.discovery.inAnyVersion({ group: 'apps', kind: 'Widget' })).toBeUndefined();
    stale = true;
    cluster.discovery.invalidate();
    await expect(cluster.discovery.inAnyVersion(METRICS)).rejects.toMatchObject({ retryable: true });
  });

  it('asks once for many who ask at the same time, and not again', async () => {
    await Promise.all(Array.from({ length: 20 }, () => cluster.discovery.resourceFor(DEPLOYMENT)));
    await cluster.discovery.resourceFor(DEPLOYMENT);
    expect(server.requests.map((r) => r.path).sort()).toEqual(['/api', '/apis']);
  });

  it('one who gives up does not spoil it for the others', async () => {
    const impatient = new AbortController();
    const first = cluster.discovery.resourceFor(DEPLOYMENT, impatient.signal);
    const second = cluster.discovery.resourceFor(DEPLOYMENT);
    impatient.abort(new Error('too slow'));
    await expect(first).rejects.toThrow('too slow');
    expect((await second)?.plural).toBe('deployments');
  });

  it('finds a kind that was installed later', async () => {
    expect(await cluster.discovery.resourceFor(WIDGET)).toBeUndefined();
    kinds.push('Widget');
    // Unknown kinds are looked for again, but not for each question.
    expect(await cluster.discovery.resourceFor(WIDGET)).toBeUndefined();
    expect(server.requests).toHaveLength(2);
    clock.advance(2001);
    expect((await cluster.discovery.resourceFor(WIDGET))?.plural).toBe('widgets');
  });

  it('knows at once when told that kinds have changed, even while it is asking', async () => {
    expect(await cluster.discovery.resourceFor(WIDGET)).toBeUndefined();
    kinds.push('Widget');
    cluster.discovery.invalidate();
    expect((await cluster.discovery.resourceFor(WIDGET))?.plural).toBe('widgets');

    cluster.discovery.invalidate();
    const outdated = cluster.discovery.resourceFor(DEPLOYMENT);
    cluster.discovery.invalidate();
    await outdated;
    const before = server.requests.length;
    await cluster.discovery.resourceFor(DEPLOYMENT);
    expect(server.requests.length).toBe(before + 2);
  });

  it('does not take a group whose server is down for a kind that does not exist', async () => {
    stale = true;
    expect((await cluster.discovery.resourceFor(DEPLOYMENT))?.plural).toBe('deployments');
    await expect(cluster.discovery.resourceFor(METRICS)).rejects.toMatchObject({
      code: 'KubeDiscoveryIncomplete',
      retryable: true,
    });
    expect(await cluster.discovery.resourceFor(WIDGET)).toBeUndefined();
  });

  it('goes on with what it knows when the server is away, and says so for what it does not know', async () => {
    await cluster.discovery.resourceFor(DEPLOYMENT);
    server.inject({ times: 100 }, { kind: 'status', status: 500 });
    clock.advance(3_600_000);
    expect((await cluster.discovery.resourceFor(DEPLOYMENT))?.plural).toBe('deployments');
    await expect(cluster.discovery.resourceFor(WIDGET)).rejects.toMatchObject({ status: 500 });
  });

  it('asks group by group where the server knows no better, and one broken group hides no other', async () => {
    server.route('/api', () => ({ status: 200, body: { kind: 'APIVersions', versions: ['v1'] } }));
    server.route('/apis', () => ({
      status: 200,
      body: {
        kind: 'APIGroupList',
        groups: [
          { name: 'apps', versions: [{ version: 'v1' }] },
          { name: 'metrics.k8s.io', versions: [{ version: 'v1beta1' }] },
        ],
      },
    }));
    server.route('/api/v1', () => ({
      status: 200,
      body: { resources: [{ name: 'nodes', kind: 'Node', namespaced: false, verbs: ['get'] }] },
    }));
    server.route('/apis/apps/v1', () => ({
      status: 200,
      body: {
        resources: [
          { name: 'deployments', kind: 'Deployment', namespaced: true, verbs: ['get'] },
          { name: 'deployments/scale', kind: 'Scale', namespaced: true, verbs: ['get'] },
        ],
      },
    }));
    server.route('/apis/metrics.k8s.io/v1beta1', () => ({ status: 503, body: {} }));
    expect(await cluster.discovery.resourceFor(DEPLOYMENT)).toMatchObject({
      plural: 'deployments',
      subresources: ['scale'],
    });
    expect(await cluster.discovery.resourceFor({ group: '', version: 'v1', kind: 'Node' })).toMatchObject({
      namespaced: false,
    });
    await expect(cluster.discovery.resourceFor(METRICS)).rejects.toMatchObject({ retryable: true });
  });
});
