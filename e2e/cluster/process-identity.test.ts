import { expect, test } from 'vitest';
import { identify, isRunning, startTimeOf } from './process-identity.ts';

const fields = (name: string, state: string): string =>
  `42 (${name}) ${state} 1 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 98765 1000 10`;

test('the start time is found behind any process name', () => {
  expect(startTimeOf(fields('node', 'S'))).toBe('98765');
  expect(startTimeOf(fields('tmux: server', 'S'))).toBe('98765');
  expect(startTimeOf(fields('a) Z 1 2 (b', 'R'))).toBe('98765');
});

test('a zombie does not run', () => {
  expect(startTimeOf(fields('etcd', 'Z'))).toBeUndefined();
});

test('this process runs; one with another start time or of another boot is not it', () => {
  const self = identify(process.pid) ?? expect.fail('not found');
  expect(isRunning(self)).toBe(true);
  expect(isRunning({ ...self, startTime: '1' })).toBe(false);
  expect(isRunning({ ...self, bootId: 'another' })).toBe(false);
});
