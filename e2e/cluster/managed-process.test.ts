import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureProcess, type ProcessSpec, stopProcess } from './managed-process.ts';
import { identify, isRunning, ownedBy, signal } from './process-identity.ts';
import { readRecord, readRecords, writeRecord } from './process-record.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'slipway-process-'));
});
afterEach(async () => {
  for (const identity of ownedBy(dir)) await stopProcess(identity, 'SIGKILL');
  rmSync(dir, { recursive: true });
});

const sleeper = (options: Partial<ProcessSpec> = {}): ProcessSpec => ({
  name: 'sleeper',
  command: '/bin/sleep',
  args: ['1000'],
  isReady: async () => true,
  ...options,
});

test('a process that runs is kept', async () => {
  const first = await ensureProcess(dir, sleeper());
  expect(await ensureProcess(dir, sleeper())).toEqual(first);
  expect(readRecords(dir)).toEqual([first]);
});

test('a process that was killed is started again', async () => {
  const first = await ensureProcess(dir, sleeper());
  await stopProcess(first, 'SIGKILL');
  const second = await ensureProcess(dir, sleeper());
  expect(second.pid).not.toBe(first.pid);
  expect(isRunning(second)).toBe(true);
});

test('a process with another command or configuration is replaced', async () => {
  const file = join(dir, 'config');
  writeFileSync(file, 'a');
  const first = await ensureProcess(dir, sleeper({ files: [file] }));
  writeFileSync(file, 'b');
  const second = await ensureProcess(dir, sleeper({ files: [file] }));
  expect(isRunning(first)).toBe(false);
  const third = await ensureProcess(dir, sleeper({ files: [file], args: ['2000'] }));
  expect(isRunning(second)).toBe(false);
  expect(isRunning(third)).toBe(true);
});

test('a pid that went to another process is left alone', async () => {
  const stranger = await ensureProcess(dir, sleeper({ name: 'stranger' }));
  writeRecord(dir, { ...stranger, name: 'sleeper', startTime: '1' });
  const stale = readRecord(dir, 'sleeper') ?? expect.fail('no record');

  expect(isRunning(stale)).toBe(false);
  expect(signal(stale, 'SIGKILL')).toBe(false);
  await stopProcess(stale);
  const started = await ensureProcess(dir, sleeper());

  expect(started.pid).not.toBe(stranger.pid);
  expect(isRunning(stranger)).toBe(true);
});

test('a process without a record is found by its mark', async () => {
  const record = await ensureProcess(dir, sleeper());
  rmSync(join(dir, 'run'), { recursive: true });
  expect(ownedBy(dir).map(({ pid }) => pid)).toEqual([record.pid]);
  expect(ownedBy(`${dir}-other`)).toEqual([]);
});

test('a damaged record counts as none', async () => {
  const record = await ensureProcess(dir, sleeper());
  writeFileSync(join(dir, 'run', 'sleeper.json'), '{"pid": 1');
  expect(readRecord(dir, 'sleeper')).toBeUndefined();
  expect((await ensureProcess(dir, sleeper())).pid).not.toBe(record.pid);
});

test('a process that ends at its start fails with what it said this time', async () => {
  const failing = (text: string): ProcessSpec =>
    sleeper({ command: '/bin/sh', args: ['-c', `echo ${text}; exit 1`], isReady: async () => false });
  await expect(ensureProcess(dir, failing('first'))).rejects.toThrow('last lines:\n    first');
  const message = await ensureProcess(dir, failing('second')).catch((error: Error) => error.message);
  expect(message).toMatch(/^sleeper ended (at once|before it was ready)\n/);
  expect(message).not.toContain('first');
  expect(message).toContain(`full log: ${join(dir, 'logs', 'sleeper.log')}`);
});

test('a process that does not become ready is not left running', async () => {
  const spec = sleeper({ isReady: async () => false, readyWithinMs: 1 });
  await expect(ensureProcess(dir, spec)).rejects.toThrow('for sleeper to become ready');
  expect(ownedBy(dir)).toEqual([]);
});

test('a program that is not there is named', async () => {
  await expect(ensureProcess(dir, sleeper({ command: '/no/such/program' }))).rejects.toThrow('cannot start sleeper');
});

test('a process that ignores a polite signal is killed', async () => {
  const ready = join(dir, 'ready');
  const script = `trap "" TERM; touch ${ready}; while :; do sleep 0.01; done`;
  const record = await ensureProcess(
    dir,
    sleeper({ command: '/bin/sh', args: ['-c', script], isReady: async () => existsSync(ready) }),
  );
  await stopProcess(record, 'SIGTERM', 50);
  expect(identify(record.pid)).toBeUndefined();
});
