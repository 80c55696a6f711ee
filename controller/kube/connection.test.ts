import { describe, expect, it } from 'vitest';
import { silentLogger } from '../platform/logger.ts';
import { ManualClock } from '../platform/manual-clock.ts';
import { Connection } from './connection.ts';
import type { Credentials } from './kubeconfig.ts';

const make = (credentials: (renew: boolean) => Promise<Credentials>) => {
  const clock = new ManualClock();
  const identity = {
    server: 'https://host:6443/k8s/clusters/c1/',
    namespace: 'default',
    proxyUrl: undefined,
    credentials,
  };
  return { clock, connection: new Connection({ identity, clock, logger: silentLogger }) };
};
const withCert = (cert: string): Credentials => ({ tls: { cert }, headers: { authorization: 'x' } });

describe('a connection', () => {
  it('keeps a path that the server URL has', async () => {
    const { connection } = make(async () => withCert('a'));
    expect(await connection.route(false)).toMatchObject({ origin: 'https://host:6443', basePath: '/k8s/clusters/c1' });
    await connection.close();
  });

  it('reads credentials once a minute, and keeps its sockets while they stay the same', async () => {
    let reads = 0;
    const { connection, clock } = make(async () => {
      reads += 1;
      return withCert('a');
    });
    const first = await connection.route(false);
    expect((await connection.route(false)).dispatcher).toBe(first.dispatcher);
    expect(reads).toBe(1);
    clock.advance(60_000);
    expect((await connection.route(false)).dispatcher).toBe(first.dispatcher);
    expect(reads).toBe(2);
    await connection.close();
  });

  it('opens new sockets when the client certificate was replaced', async () => {
    let cert = 'a';
    const { connection, clock } = make(async () => withCert(cert));
    const first = await connection.route(false);
    cert = 'b';
    clock.advance(60_000);
    expect((await connection.route(false)).dispatcher).not.toBe(first.dispatcher);
    await connection.close();
  });

  it('keeps watches out of the pool of the requests', async () => {
    const { connection } = make(async () => withCert('a'));
    expect((await connection.route(true)).dispatcher).not.toBe((await connection.route(false)).dispatcher);
    await connection.close();
  });

  it('goes on with the last credentials when they cannot be read for a moment', async () => {
    let broken = false;
    const { connection, clock } = make(async () => {
      if (broken) throw new Error('the exec plugin failed');
      return withCert('a');
    });
    await connection.route(false);
    broken = true;
    clock.advance(60_000);
    expect((await connection.route(false)).headers).toEqual({ authorization: 'x' });
    await connection.close();
  });

  it('asks for fresh credentials after a refusal, also if the first reading fails', async () => {
    const asked: boolean[] = [];
    const { connection } = make(async (renew) => {
      asked.push(renew);
      if (asked.length === 2) throw new Error('not now');
      return withCert('a');
    });
    const { headers } = await connection.route(false);
    connection.credentialsRefused(headers);
    connection.credentialsRefused(headers);
    await expect(connection.route(false)).rejects.toThrow('not now');
    await connection.route(false);
    expect(asked).toEqual([false, true, true]);
    await connection.close();
  });
});
