import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { Traffic } from './traffic.ts';

it('remembers who answered what, keeps to its bound, and counts a broken connection as no answer', async () => {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const id = (JSON.parse(Buffer.concat(chunks).toString()) as { id: string }).id;
      if (id === 'payment-2') return request.socket.destroy();
      response.writeHead(id === 'payment-1' ? 500 : 200, { 'x-model-version': '3' }).end('{"error":"no wallets"}');
      return undefined;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/infer`;
  const traffic = new Traffic(url, { perSecond: 1000, maxRequests: 5, timeoutMs: 5000 });
  traffic.start('a phase');
  await traffic.until('five answers', 10_000, 0, () => traffic.answers.length === 5);
  await traffic.stop();
  server.close();
  const summary = traffic.answers.map(({ version, status, error, phase }) => [version, status, error, phase]);
  expect(summary).toContainEqual(['3', 500, '{"error":"no wallets"}', 'a phase']);
  expect(summary.filter(([version, status]) => version === undefined && status === undefined)).toHaveLength(1);
  expect(summary.filter(([, status]) => status === 200)).toHaveLength(3);
  expect(traffic.sent).toBe(5);
});

it('refuses to send anywhere but to this machine', () => {
  expect(() => new Traffic('http://192.0.2.1/infer')).toThrow('not this machine');
});
