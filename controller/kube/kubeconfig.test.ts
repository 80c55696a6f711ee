import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CONFIGMAPS, connect } from '../../test/fake-apiserver/harness.ts';
import { FakeApiServer } from '../../test/fake-apiserver/server.ts';
import { inCluster, loadClusterIdentity } from './kubeconfig.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-kubeconfig-'));
});
afterEach(() => rm(folder, { recursive: true }));

const kubeconfig = async (cluster: object, user: object, context: object = {}): Promise<string> => {
  const path = join(folder, 'config');
  const config = {
    'current-context': 'main',
    clusters: [{ name: 'c', cluster: { server: 'https://10.0.0.1:6443', ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [
      { name: 'main', context: { cluster: 'c', user: 'u', ...context } },
      { name: 'broken', context: { cluster: 'nowhere', user: 'u' } },
    ],
  };
  await writeFile(path, JSON.stringify(config));
  return path;
};
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('a kubeconfig', () => {
  it('gives server, namespace and TLS material', async () => {
    const path = await kubeconfig(
      { 'certificate-authority-data': base64('CA'), 'tls-server-name': 'kubernetes' },
      { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') },
      { namespace: 'ml' },
    );
    const identity = loadClusterIdentity({ path });
    expect(identity).toMatchObject({ server: 'https://10.0.0.1:6443', namespace: 'ml' });
    expect((await identity.credentials(false)).tls).toEqual({
      ca: 'CA',
      cert: 'CERT',
      key: 'KEY',
      servername: 'kubernetes',
    });
  });

  it('gives tokens and passwords as headers', async () => {
    const token = loadClusterIdentity({ path: await kubeconfig({}, { token: 't' }) });
    expect((await token.credentials(false)).headers).toEqual({ authorization: 'Bearer t' });
    const basic = loadClusterIdentity({ path: await kubeconfig({}, { username: 'me', password: 'pw' }) });
    expect((await basic.credentials(false)).headers).toEqual({ authorization: `Basic ${base64('me:pw')}` });
  });

  it('is read again when the server refuses what it said', async () => {
    const identity = loadClusterIdentity({ path: await kubeconfig({}, { token: 'old' }) });
    await kubeconfig({}, { token: 'new' });
    expect((await identity.credentials(false)).headers).toEqual({ authorization: 'Bearer old' });
    expect((await identity.credentials(true)).headers).toEqual({ authorization: 'Bearer new' });
  });

  it('that leads nowhere says which context is at fault', async () => {
    const path = await kubeconfig({}, {});
    expect(() => loadClusterIdentity({ path, context: 'broken' })).toThrow(
      /^kubeconfig: context "broken" names no cluster/,
    );
    expect(() => loadClusterIdentity({ path: join(folder, 'none') })).toThrow(/^kubeconfig: .*no such file/);
  });

  it('with a proxy that cannot be used is refused, rather than the proxy ignored', async () => {
    const path = await kubeconfig({ 'proxy-url': 'socks5://127.0.0.1:1' }, {});
    expect(() => loadClusterIdentity({ path })).toThrow('SOCKS');
  });
});

describe('a service account', () => {
  it('uses its token as the file is now', async () => {
    const server = await FakeApiServer.start();
    server.state.put('configmaps', { namespace: 'a', name: 'x' });
    server.token = 'first';
    const [ca, token] = [join(folder, 'ca.crt'), join(folder, 'token')];
    await writeFile(ca, '');
    await writeFile(token, 'first\n');
    const cluster = connect(inCluster(server.url, 'a', ca, token));
    await cluster.client.get(CONFIGMAPS, 'a/x');
    await writeFile(token, 'second\n');
    server.token = 'second';
    await cluster.client.get(CONFIGMAPS, 'a/x');
    expect(server.requests.map((r) => r.headers.authorization)).toEqual([
      'Bearer first',
      'Bearer first',
      'Bearer second',
    ]);
    await cluster.close();
    await server.close();
  });
});

it('says that there is none, instead of asking localhost', () => {
  vi.stubEnv('KUBECONFIG', undefined);
  vi.stubEnv('HOME', folder);
  try {
    expect(() => loadClusterIdentity()).toThrow(
      expect.objectContaining({ code: 'KubeconfigInvalid', message: expect.stringContaining('set $KUBECONFIG') }),
    );
  } finally {
    vi.unstubAllEnvs();
  }
});
