import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Counter, Registry } from 'prom-client';
import { request } from 'undici';
import { afterEach, expect, it } from 'vitest';
import { silentLogger } from '../platform/logger.ts';
import { createProbeServer } from './probes.ts';

let server: Server;
afterEach(() => new Promise((resolve) => server.close(resolve)));

it('answers probes and metrics', async () => {
  const registry = new Registry();
  new Counter({ name: 'slipway_things_total', help: 'things', registers: [registry] }).inc(3);
  const problems: string[] = [];
  server = createProbeServer({ registry, live: () => [], ready: () => problems, logger: silentLogger });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const get = async (path: string, method = 'GET') => {
    const answer = await request(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, {
      method: method as 'GET',
      reset: true,
    });
    return [answer.statusCode, await answer.body.text()];
  };
  expect(await get('/healthz')).toEqual([200, 'ok\n']);
  expect(await get('/readyz')).toEqual([200, 'ok\n']);
  problems.push('caches are not filled yet');
  expect(await get('/readyz?verbose')).toEqual([503, 'caches are not filled yet\n']);
  expect((await get('/metrics'))[1]).toContain('slipway_things_total 3');
  expect((await get('/'))[0]).toBe(404);
  expect((await get('/healthz', 'POST'))[0]).toBe(405);
});
