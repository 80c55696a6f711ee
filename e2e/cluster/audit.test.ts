import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type AuditEvent, countRequests, requestCounter } from './audit.ts';

const event = (auditID: string, fields: Partial<AuditEvent> = {}): AuditEvent => ({
  auditID,
  requestURI: '/api/v1/pods?limit=500',
  verb: 'list',
  userAgent: 'slipway/0.1.0',
  user: { username: 'controller' },
  requestReceivedTimestamp: '2026-01-01T00:00:10.000000Z',
  objectRef: { resource: 'pods' },
  ...fields,
});

test('counts per user agent, verb and resource, most frequent first', () => {
  const counter = requestCounter({});
  counter.add(
    event('1', { verb: 'patch', objectRef: { resource: 'rollouts', subresource: 'status', apiGroup: 'slipway.dev' } }),
  );
  counter.add(event('2'));
  counter.add(event('3'));
  const { objectRef: _, ...path } = event('4', { verb: 'get', requestURI: '/openapi/v3?timeout=32s' });
  counter.add(path);
  expect(counter.counts()).toEqual([
    { userAgent: 'slipway/0.1.0', verb: 'list', resource: 'pods', count: 2 },
    { userAgent: 'slipway/0.1.0', verb: 'patch', resource: 'rollouts/status.slipway.dev', count: 1 },
    { userAgent: 'slipway/0.1.0', verb: 'get', resource: '/openapi/v3', count: 1 },
  ]);
});

test('a watch counts once, though it is logged when it begins and when it ends', () => {
  const counter = requestCounter({});
  counter.add(event('1', { verb: 'watch' }));
  counter.add(event('1', { verb: 'watch' }));
  expect(counter.counts()[0]?.count).toBe(1);
});

test('counts only what is asked for', () => {
  const time = Date.parse('2026-01-01T00:00:10Z');
  const count = (filter: Parameters<typeof requestCounter>[0]): number => {
    const counter = requestCounter(filter);
    counter.add(event('1'));
    return counter.counts().length;
  };
  expect(count({ since: time, until: time + 1, userAgent: 'slipway/', user: 'controller' })).toBe(1);
  expect(count({ since: time + 1 })).toBe(0);
  expect(count({ until: time })).toBe(0);
  expect(count({ userAgent: 'kubectl' })).toBe(0);
  expect(count({ user: 'admin' })).toBe(0);
});

test('reads all files of a rotated log and skips a line that is still being written', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'slipway-audit-'));
  try {
    writeFileSync(join(dir, 'audit-2026-01-01T00-00-00.000.log'), `${JSON.stringify(event('1'))}\n`);
    writeFileSync(join(dir, 'audit.log'), `${JSON.stringify(event('2'))}\n{"auditID":"3","verb"`);
    writeFileSync(join(dir, 'audit-policy.yaml'), 'rules: []');
    expect((await countRequests(dir))[0]?.count).toBe(2);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
