import { createHmac } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createRepository,
  type GitHttpServer,
  gitRoot,
  startGitHttp,
  type TestRepository,
} from '../../test/git-http.ts';
import { ensurePrograms, programPath } from '../cluster/build.ts';
import { type Cluster, startCluster } from '../cluster/cluster.ts';
import { folders as defaultFolders } from '../cluster/folders.ts';
import { http } from '../cluster/http.ts';
import { until } from '../cluster/wait.ts';
import { Kubectl } from '../journeys/kubectl.ts';
import { pushController, pushWeb } from './controller-image.ts';
import { ControllerPod } from './controller-pod.ts';
import { application, type Marks, tree } from './manifests.ts';

const NAMESPACE = 'team';
const CREDENTIALS = { username: 'reader', password: 'git-pa55word' };
const WEBHOOK_SECRET = 'webh00k-secret';

/** One story: the controller from its image and its manifests, in a cluster, as a user installs it. */
describe('the controller in a cluster', () => {
  let cluster: Cluster;
  let kubectl: Kubectl;
  let git: GitHttpServer;
  let repository: TestRepository;
  let root: string;
  let webImage: string;
  let controller: ControllerPod;

  /** Bounded only so that a test that would never end does. */
  const wait = (what: string, condition: string): Promise<string> =>
    kubectl.inNamespace('wait', what, `--for=${condition}`, '--timeout=120s');
  const read = (path: string, ...what: string[]): Promise<string> =>
    kubectl.inNamespace('get', ...what, `--output=jsonpath=${path}`);
  const webPods = (path: string): Promise<string> => read(`{.items[*]${path}}`, 'pods', '--selector=app=web');
  const commit = (marks: Marks): Promise<string> => repository.commit(tree(webImage, marks));
  const untilSynced = async (revision: string): Promise<void> => {
    await wait('application/web', `jsonpath={.status.sync.revision}=${revision}`);
    await wait('application/web', 'condition=Synced');
  };
  const checkSecrets = (text: string): void => {
    const basic = Buffer.from(`${CREDENTIALS.username}:${CREDENTIALS.password}`).toString('base64');
    // 'eyJ' begins every JWT, such as the ServiceAccount's token.
    for (const secret of [CREDENTIALS.password, basic, WEBHOOK_SECRET, 'eyJ']) expect(text).not.toContain(secret);
  };
  /** JSON lines with a level, a time and a message, and nothing that is nobody's business. */
  const checkLog = (lines: readonly string[]): void => {
    for (const line of lines) {
      expect(line).toMatch(/^\{.*\}$/);
      expect(JSON.parse(line)).toMatchObject({
        level: expect.stringMatching(/^(debug|info|warn|error)$/),
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        msg: expect.stringMatching(/./),
      });
    }
    checkSecrets(lines.join('\n'));
  };

  beforeAll(async () => {
    const folders = defaultFolders();
    const say = (line: string): void => console.error(line);
    await ensurePrograms(['kubectl'], folders, say);
    cluster = await startCluster({ name: `in-cluster-${process.pid}`, profile: 'node', onProgress: say });
    const { registry = '', kubeconfigPath, stateDir, hostAddress } = cluster;
    kubectl = new Kubectl(programPath('kubectl', folders), kubeconfigPath, NAMESPACE, stateDir);
    root = await gitRoot();
    git = await startGitHttp(root, CREDENTIALS, hostAddress);
    repository = await createRepository(root, 'models');
    webImage = await pushWeb(registry);
    controller = new ControllerPod(kubectl, await pushController(registry), join(stateDir, 'faults'));
    await kubectl.run('create', 'namespace', NAMESPACE);
  });

  afterAll(async () => {
    await git?.close();
    await cluster?.stop();
    if (root !== undefined) rmSync(root, { recursive: true, force: true });
  });

  it('becomes Available with its own manifests: as nobody, on a read-only disk, with the Lease', async () => {
    await controller.install(WEBHOOK_SECRET);
    expect(await controller.selfPortrait()).toEqual({
      uid: 65532,
      capabilities: '0000000000000000',
      noNewPrivileges: '1',
      seccomp: '2',
      writeToRoot: 'EROFS',
      writeToCache: 'done',
    });
    const name = await controller.name();
    await until(async () => (await controller.leaseHolder()).startsWith(`${name}_`), {
      what: 'the pod to hold the Lease',
      timeoutMs: 60_000,
    });
  });

  it('brings an Application from Git over HTTP to Synced and Healthy, as `kubectl wait` sees it', async () => {
    const revision = await commit({ setting: 'one', release: '1' });
    await kubectl.apply(application(git.url('models'), CREDENTIALS));
    await wait('application/web', 'condition=Synced');
    await wait('application/web', 'condition=Healthy');
    expect(await read('{.status.sync.revision}', 'application', 'web')).toBe(revision);
    expect(await read('{.status.phase}', 'rollout', 'web')).toBe('Healthy');
    expect(await webPods('.status.conditions[?(@.type=="Ready")].status')).toBe('True True');
  });

  it('is told of a push through its Service and takes the Rollout to the new version', async () => {
    const old = await kubectl.inNamespace('get', 'pods', '--selector=app=web', '--output=name');
    const revision = await commit({ setting: 'one', release: '2' });
    const body = JSON.stringify({ ref: 'refs/heads/main', repository: { clone_url: git.url('models') } });
    const signature = createHmac('sha256', WEBHOOK_SECRET).update(body).digest('hex');
    const headers = { 'content-type': 'application/json', 'x-gitea-event': 'push', 'x-gitea-signature': signature };
    const address = await controller.run('get', 'service', 'slipway-webhook', '--output=jsonpath={.spec.clusterIP}');
    const answer = await http(`http://${address}/webhook`, { method: 'POST', headers, body });
    expect([answer.status, answer.body.toString()]).toEqual([202, expect.anything()]);
    await untilSynced(revision);
    await wait('rollout/web', 'jsonpath={.status.observedGeneration}=2');
    await wait('rollout/web', 'condition=Completed');
    await wait('application/web', 'condition=Healthy');
    for (const pod of old.trim().split('\n')) await wait(pod, 'delete');
    expect(await webPods('.metadata.annotations.release')).toBe('2 2');
  });

  it('goes on in a new pod when the old one is deleted by force; what runs is left alone', async () => {
    const before = { name: await controller.name(), pods: await webPods('.metadata.uid') };
    checkLog(await controller.log());
    await controller.run('delete', 'pod', before.name, '--force', '--grace-period=0');
    await untilSynced(await commit({ setting: 'two', release: '2' }));
    const name = await controller.name();
    expect(name).not.toBe(before.name);
    expect(await controller.leaseHolder()).toMatch(new RegExp(`^${name}_`));
    expect(await read('{.data.setting}', 'configmap', 'settings')).toBe('two');
    expect(await webPods('.metadata.uid')).toBe(before.pods);
  });

  it('goes on after kill -9 as soon as the Lease of the dead process has run out', async () => {
    const [holder, pods] = [await controller.leaseHolder(), await webPods('.metadata.uid')];
    await controller.kill();
    await untilSynced(await commit({ setting: 'three', release: '2' }));
    expect(await controller.leaseHolder()).not.toBe(holder);
    expect(await webPods('.metadata.uid')).toBe(pods);
    checkLog(await controller.log('previous'));
    checkLog(await controller.log());
    checkSecrets(await kubectl.run('get', 'applications,rollouts,events', '--all-namespaces', '--output=json'));
  });

  it('ends on SIGTERM within its grace period, gives the Lease back and leaves the pods of the Rollout', async () => {
    const pods = await webPods('.metadata.uid');
    expect(await controller.uninstall()).toEqual({ exitCode: 0, reason: 'Completed', inTime: true });
    expect(await controller.leaseHolder()).toBe('');
    expect(await webPods('.metadata.uid')).toBe(pods);
  });
});
