import { expect, it } from 'vitest';
import { countRequests } from './cost.ts';

const line = (username: string, verb: string, resource: string): string =>
  JSON.stringify({ user: { username }, verb, objectRef: { resource }, requestURI: `/api/v1/${resource}?x=1` });

it('counts the requests of one user per minute, and skips a line that is still being written', () => {
  const log = [
    line('controller', 'update', 'leases'),
    line('controller', 'watch', 'pods'),
    line('somebody else', 'list', 'pods'),
    line('controller', 'update', 'leases'),
    '{"user":{"username":"contr',
  ].join('\n');
  expect(countRequests(log, 'controller', 30)).toEqual([
    { what: 'update leases', perMinute: 4 },
    { what: 'watch pods', perMinute: 2 },
  ]);
});
