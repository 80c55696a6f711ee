import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { plugin, startPlugin } from '../../test/plugin.ts';
import { connectReal, createNamespace, type RealCluster } from '../../test/setup/real-cluster.ts';
import { APPLICATION_RESOURCE, type Application, type ApplicationStatus } from '../api/generated/application.ts';

const NAMESPACE = 'cli-app';
const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const slipway = plugin(NAMESPACE);
let cluster: RealCluster;

beforeAll(async () => {
  cluster = connectReal();
  await createNamespace(cluster, NAMESPACE);
});
afterAll(() => cluster.close());

/** An Application in a given state; no controller runs here. */
async function given(name: string, status: ApplicationStatus, annotations = {}): Promise<Application> {
  const created = await cluster.client.create(APPLICATION_RESOURCE, {
    apiVersion: 'slipway.dev/v1alpha1',
    kind: 'Application',
    metadata: { name, namespace: NAMESPACE, annotations },
    spec: { source: { repoURL: 'https://git.test/repo.git', path: 'deploy' }, syncPolicy: { automated: {} } },
  });
  return write(created as Application, status);
}

async function write(application: Application, status: ApplicationStatus): Promise<Application> {
  const changed = { ...application, status: { observedGeneration: application.metadata.generation ?? 1, ...status } };
  return (await cluster.client.update(APPLICATION_RESOURCE, changed, { subresource: 'status' })) as Application;
}

async function read(name: string): Promise<Application> {
  return (await cluster.client.get(APPLICATION_RESOURCE, `${NAMESPACE}/${name}`)) as Application;
}

/** Conditions Synced and Healthy that speak of a generation. */
function state(synced: 'True' | 'False', healthy: 'True' | 'False', observedGeneration = 1): ApplicationStatus {
  const common = { reason: 'Any', lastTransitionTime: '2026-01-01T00:00:00Z', observedGeneration };
  const word = (status: string): 'in order' | 'not yet' => (status === 'True' ? 'in order' : 'not yet');
  return {
    sync: { status: synced === 'True' ? 'Synced' : 'OutOfSync', revision: COMMIT, shortRevision: COMMIT.slice(0, 7) },
    health: { status: healthy === 'True' ? 'Healthy' : 'Progressing' },
    conditions: [
      { ...common, type: 'Synced', status: synced, message: word(synced) },
      { ...common, type: 'Healthy', status: healthy, message: word(healthy) },
    ],
  };
}

describe('kubectl slipway app', () => {
  it('lists applications of one namespace or of all, for people and for programs', async () => {
    await given('listed', state('True', 'True'));
    const { code, out } = await slipway('app', 'list');
    expect(code).toBe(0);
    expect(out).toMatch(/^NAME +SYNC +HEALTH +REVISION +AUTOMATION +AGE\n/);
    expect(out).toMatch(/^listed +✔ Synced +✔ Healthy +0123456 +Active +\d+s$/m);
    expect((await slipway('app', 'list', '-A')).out).toMatch(/^NAMESPACE +NAME .*\n(.*\n)*cli-app +listed /);
    expect((await slipway('app', 'list', '-o', 'name')).out).toContain('application.slipway.dev/listed\n');
    const { items } = JSON.parse((await slipway('app', 'list', '-o', 'json')).out);
    expect(items.map((item: Application) => [item.kind, item.metadata.name])).toContainEqual(['Application', 'listed']);
    const automation = { state: 'Held' as const, message: 'waits for db: is Degraded', since: '2026-01-01T00:00:00Z' };
    await given('kept', { ...state('False', 'True'), automation });
    const { out: again, err } = await slipway('app', 'list');
    expect(again).toMatch(/^kept +✖ OutOfSync +✔ Healthy +0123456 +Held +\d+s$/m);
    expect(err).toContain('held (waits for db: is Degraded): cli-app/kept\n');
    const empty = await startPlugin(['app', 'list', '-n', 'default']).result;
    expect(empty).toEqual({ code: 0, out: '', err: 'no applications in namespace "default"\n' });
  });

  it('shows one application with its objects, for people and for programs', async () => {
    const resource = { version: 'v1', kind: 'ConfigMap', namespace: NAMESPACE, name: 'settings' };
    await given('shown', { ...state('False', 'True'), resources: [{ ...resource, status: 'OutOfSync' }] });
    const { code, out } = await slipway('app', 'get', 'shown');
    expect(code).toBe(0);
    expect(out).toContain(`Revision:    HEAD (${COMMIT})\n`);
    expect(out).toContain('Conditions:\n  ✖ Synced False  Any\n    not yet\n');
    expect(out).toMatch(/^ConfigMap +settings +✖ OutOfSync$/m);
    const yaml = (await slipway('app', 'get', 'shown', '-o', 'yaml')).out;
    expect(parse(yaml)).toEqual({ ...(await read('shown')), metadata: expect.objectContaining({ name: 'shown' }) });
    expect(yaml).not.toContain('managedFields');
    const missing = await slipway('app', 'get', 'nobody');
    expect(missing.code).toBe(2);
    expect(missing.err).toContain('application "nobody" not found in namespace "cli-app"');
  });

  it('lists what was deployed', async () => {
    await given('old', { history: [{ id: 7, revision: COMMIT, deployedAt: '2026-01-01T00:00:00Z' }] });
    expect((await slipway('app', 'history', 'old')).out).toMatch(
      new RegExp(`^7 +${COMMIT} +2026-01-01T00:00:00Z`, 'm'),
    );
    await given('new', {});
    expect((await slipway('app', 'history', 'new')).err).toBe('application "new" has not been synced yet\n');
  });

  it('suspends with a reason and resumes without a trace', async () => {
    await given('held', state('True', 'True'));
    expect((await slipway('app', 'suspend', 'held', '--reason', 'incident 42')).out).toContain('"held" suspended');
    expect((await read('held')).spec).toMatchObject({ suspend: true, suspendReason: 'incident 42' });
    expect((await slipway('app', 'suspend', 'held')).code).toBe(0);
    expect((await read('held')).spec.suspendReason).toBeUndefined();
    expect((await slipway('app', 'suspend', 'held')).out).toContain('is suspended already');
    expect((await slipway('app', 'resume', 'held')).out).toBe('application "held" resumed\n');
    expect((await read('held')).spec).toMatchObject({ suspend: false });
    expect((await slipway('app', 'resume', 'held')).out).toBe('application "held" is not suspended\n');
  });

  it('says that Git will undo what is changed in an application that Git manages', async () => {
    const id = 'ops_root:slipway.dev/Application:cli-app/child';
    await given('child', state('True', 'True'), { 'slipway.dev/tracking-id': id });
    const { code, err } = await slipway('app', 'suspend', 'child');
    expect(code).toBe(0);
    expect(err).toContain('managed by application "ops/root"');
    expect((await read('child')).spec.suspend).toBe(true);
  });

  it('waits until an application is in sync with its present spec, and tells what it waits for', async () => {
    const stale = await given('soon', state('True', 'True', 0));
    const run = startPlugin(['app', 'wait', 'soon', '-n', NAMESPACE]);
    await run.said('waiting for the controller to look at the spec');
    const synced = await write(stale, state('True', 'False'));
    await run.said('soon: Progressing: not yet');
    await write(synced, state('True', 'True'));
    const { code, out } = await run.result;
    expect({ code, out }).toEqual({ code: 0, out: 'application "soon" is synced to 0123456 and healthy\n' });
    expect((await slipway('app', 'wait', 'soon', '--health')).out).toBe('application "soon" is healthy\n');
  });

  it('ends with 1 when the time is over or it cannot come, with 2 for what is not there', async () => {
    const application = await given('never', state('False', 'True'));
    const late = await slipway('app', 'wait', 'never', '--timeout', '200ms');
    expect(late).toMatchObject({
      code: 1,
      err: expect.stringContaining('(WaitTimeout): not within 0.2 s: never: not yet'),
    });
    expect((await slipway('app', 'wait', 'never', '--health')).code).toBe(0);
    expect((await slipway('app', 'wait', 'nobody')).code).toBe(2);

    const run = startPlugin(['app', 'wait', 'never', '-n', NAMESPACE]);
    await run.said('never: not yet');
    await cluster.client.delete(APPLICATION_RESOURCE, `${NAMESPACE}/${application.metadata.name}`);
    expect(await run.result).toMatchObject({ code: 1, err: expect.stringMatching(/WaitInVain.*deleted/) });
  });

  it('does not end with 0 when it is broken off', async () => {
    await given('broken-off', state('False', 'True'));
    const run = startPlugin(['app', 'wait', 'broken-off', '-n', NAMESPACE]);
    await run.said('broken-off: not yet');
    run.interrupt();
    expect(await run.result).toMatchObject({ code: 130, out: '' });
  });
});
