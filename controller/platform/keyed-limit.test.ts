import { describe, expect, it } from 'vitest';
import { KeyedLimit } from './keyed-limit.ts';

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a limit per key', () => {
  it('runs so many at a time, the others in order, and keys do not wait for each other', async () => {
    const limit = new KeyedLimit(2);
    const started: string[] = [];
    const ends = new Map<string, () => void>();
    const start = (key: string, name: string): Promise<void> =>
      limit.run(key, () => {
        started.push(name);
        return new Promise<void>((resolve) => ends.set(name, resolve));
      });
    const all = [start('a', 'a1'), start('a', 'a2'), start('a', 'a3'), start('a', 'a4'), start('b', 'b1')];
    await settle();
    expect(started).toEqual(['a1', 'a2', 'b1']);
    ends.get('a2')?.();
    await settle();
    expect(started).toEqual(['a1', 'a2', 'b1', 'a3']);
    for (const name of ['a1', 'a3', 'b1']) ends.get(name)?.();
    await settle();
    ends.get('a4')?.();
    await Promise.all(all);
    expect(started).toEqual(['a1', 'a2', 'b1', 'a3', 'a4']);
  });

  it('lets what is first pass those that wait, in order among themselves', async () => {
    const limit = new KeyedLimit(1);
    const started: string[] = [];
    const run = (name: string, rank: 'first' | 'last'): Promise<void> =>
      limit.run('a', async () => void started.push(name), rank);
    await Promise.all([run('1', 'last'), run('2', 'last'), run('3', 'first'), run('4', 'first'), run('5', 'last')]);
    expect(started).toEqual(['1', '3', '4', '2', '5']);
  });

  it('gives the place back after a failure', async () => {
    const limit = new KeyedLimit(1);
    await expect(limit.run('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await limit.run('a', async () => 'yes')).toBe('yes');
  });
});
