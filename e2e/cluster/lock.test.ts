import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { withLock } from './lock.ts';

test('only one holds the lock at a time, and everybody gets it', async () => {
  let inside = 0;
  const worker = async (result: number): Promise<number> =>
    withLock(`test ${process.pid} a`, async () => {
      expect(++inside).toBe(1);
      await new Promise(setImmediate);
      inside--;
      return result;
    });
  expect(await Promise.all([1, 2, 3, 4, 5].map(worker))).toEqual([1, 2, 3, 4, 5]);
});

test('a failure frees the lock', async () => {
  const key = `test ${process.pid} b`;
  await expect(withLock(key, () => Promise.reject(new Error('boom')))).rejects.toThrow('boom');
  expect(await withLock(key, async () => 'free')).toBe('free');
});

test('the death of its holder frees the lock, and those who wait are told whom they wait for', async () => {
  const key = `test ${process.pid} c`;
  const name = `slipway-${createHash('sha256').update(key).digest('hex').slice(0, 32)}`;
  const holder = spawn(process.execPath, [
    '-e',
    `require('node:net').createServer((s) => s.write(process.pid + '\\n')).listen('\\0${name}', () => console.log('held'))`,
  ]);
  await once(holder.stdout, 'data');
  const waitedFor: number[] = [];
  const result = await withLock(
    key,
    async () => 'mine',
    ({ pid }) => {
      waitedFor.push(pid);
      holder.kill('SIGKILL');
    },
  );
  expect(result).toBe('mine');
  expect(waitedFor).toEqual([holder.pid]);
});
