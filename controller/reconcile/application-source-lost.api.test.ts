import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ApplicationWorld, CONFIG_MAPS, condition, configMap, isSyncedTo } from '../../test/application-world.ts';
import { createRepository, type GitHttpServer, gitRoot, type Interceptor, startGitHttp } from '../../test/git-http.ts';
import { eventually } from '../../test/setup/real-cluster.ts';
import type { Application } from '../api/generated/application.ts';

const NAMESPACE = 'app-source-lost';

interface Loss {
  what: string;
  /** What the server does from now on. */
  intercept?: Interceptor;
  /** What a commit does to the folder `path`. */
  commit?: (path: string) => Record<string, string | null>;
  /** Deletes the branch. */
  branch?: true;
  type: 'SourceReady' | 'Synced';
  reason: string;
  /** What the message names, for the folder `path`. */
  names: (path: string) => string;
  /** Reason of the Event, where it is that of the operation. */
  event?: string;
}

const LOSSES: readonly Loss[] = [
  {
    what: 'its server ends every connection',
    intercept: ({ socket }) => socket.destroy() !== undefined,
    type: 'SourceReady',
    reason: 'GitUnreachable',
    names: () => 'check the URL',
  },
  {
    what: 'its server takes requests and never answers',
    intercept: () => true,
    type: 'SourceReady',
    reason: 'GitUnreachable',
    names: () => 'repo.git',
  },
  {
    what: 'its repository is gone',
    intercept: (_, response) => response.writeHead(404).end() !== undefined,
    type: 'SourceReady',
    reason: 'GitRepositoryNotFound',
    names: () => 'repo.git',
  },
  {
    what: 'its credentials are not accepted any more',
    intercept: (_, response) => response.writeHead(401, { 'www-authenticate': 'Basic' }).end() !== undefined,
    type: 'SourceReady',
    reason: 'GitAuthFailed',
    names: () => 'repo.git',
  },
  {
    what: 'its server answers a login page',
    intercept: (_, response) => response.end('<html>Sign in</html>') !== undefined,
    type: 'SourceReady',
    reason: 'GitRepositoryNotFound',
    names: () => 'did not answer as a Git server: check',
  },
  {
    what: 'its branch is deleted',
    branch: true,
    type: 'SourceReady',
    reason: 'GitRevisionNotFound',
    names: (path) => path,
  },
  {
    what: 'its folder is gone',
    commit: (path) => ({ [`${path}/a.yaml`]: null, [`${path}/b.yaml`]: null }),
    type: 'SourceReady',
    reason: 'GitPathNotFound',
    names: (path) => path,
  },
  {
    what: 'its folder is empty',
    commit: (path) => ({ [`${path}/a.yaml`]: null, [`${path}/b.yaml`]: null, [`${path}/README`]: 'keeps it' }),
    type: 'Synced',
    reason: 'EmptyRefused',
    names: () => 'allowEmpty',
    event: 'OperationFailed',
  },
  {
    what: 'a manifest is broken YAML',
    commit: (path) => ({ [`${path}/a.yaml`]: 'a: [\n', [`${path}/b.yaml`]: null }),
    type: 'SourceReady',
    reason: 'ManifestInvalid',
    names: (path) => `${path}/a.yaml:`,
  },
  {
    what: 'a manifest has an unknown field',
    commit: (path) => ({
      [`${path}/a.yaml`]: configMap(`${path}-a`).replace('"data"', '"dada"'),
      [`${path}/b.yaml`]: null,
    }),
    type: 'Synced',
    reason: 'ObjectRefused',
    names: () => '.dada',
    event: 'OperationFailed',
  },
  {
    what: 'a manifest has an unknown kind',
    commit: (path) => ({
      [`${path}/c.yaml`]: 'apiVersion: none.test/v1\nkind: Nothing\nmetadata: {name: x}\n',
      [`${path}/b.yaml`]: null,
    }),
    type: 'Synced',
    reason: 'KindUnknown',
    names: (path) => `kind Nothing in none.test/v1 (${path}/c.yaml:1)`,
    event: 'OperationFailed',
  },
];

describe('an Application that is in sync when', () => {
  let world: ApplicationWorld;
  let otherGit: GitHttpServer;
  let otherRoot: string;
  let changeNeighbour: () => Promise<void>;

  beforeAll(async () => {
    world = await ApplicationWorld.open(NAMESPACE, { pollIntervalMs: 10_000, gitSilenceMs: 6_000 });
    otherRoot = await gitRoot();
    otherGit = await startGitHttp(otherRoot);
    const other = await createRepository(otherRoot, 'other');
    let turn = 0;
    changeNeighbour = async () => {
      const commit = await other.commit({ 'x.yaml': configMap('neighbour', { turn: String(turn++) }) });
      await world.until(isSyncedTo(commit), 'neighbour');
    };
    await other.commit({ 'x.yaml': configMap('neighbour') });
    await world.start();
    await world.createApplication({ name: 'neighbour', repoURL: otherGit.url('other'), automated: {} });
  });
  afterAll(async () => {
    await world?.close();
    await otherGit?.close();
    rmSync(otherRoot, { recursive: true, force: true });
  });

  afterEach(() => {
    world.git.intercept = undefined;
  });

  const isLost =
    ({ type, reason }: Loss) =>
    (application: Application): boolean =>
      condition(application, type).status === 'False' && condition(application, type).reason === reason;

  it.each(LOSSES)('$what says so, leaves everything alone, stops no other, and goes on afterwards', async (loss) => {
    const name = loss.what.toLowerCase().replaceAll(' ', '-');
    const good = { [`${name}/a.yaml`]: configMap(`${name}-a`), [`${name}/b.yaml`]: configMap(`${name}-b`) };
    const first = await world.repository.commit(good, { branch: name });
    await world.createApplication({ name, path: name, targetRevision: name, automated: { prune: true } });
    await world.until(isSyncedTo(first), name);

    world.git.intercept = loss.intercept;
    if (loss.commit !== undefined) await world.repository.commit(loss.commit(name), { branch: name });
    if (loss.branch) await world.repository.git('push', '-q', 'origin', `:refs/heads/${name}`);
    world.look();
    const lost = await world.until(isLost(loss), name);
    const { message } = condition(lost, loss.type);
    expect(message).toContain(loss.names(name));
    expect(message).not.toMatch(/\n/);
    await eventually(async () => {
      expect((await world.events(name)).filter((event) => event.startsWith('Warning'))).toEqual([
        expect.stringContaining(`Warning ${loss.event ?? loss.reason}: `),
      ]);
    });
    await changeNeighbour();
    for (const object of ['a', 'b']) {
      expect((await world.read(CONFIG_MAPS, `${name}-${object}`))?.['data']).toEqual({ key: 'value' });
    }

    world.git.intercept = undefined;
    const again = await world.repository.commit({ ...good, [`${name}/c.yaml`]: null }, { branch: name });
    world.look();
    await world.until(isSyncedTo(again), name);
    await world.deleteApplication(name);
  });
});
