import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../platform/manual-clock.ts';
import { GitError } from './errors.ts';
import { type Answer, Gather } from './gather.ts';

let clock: ManualClock;
let gather: Gather<number, string>;
let calls: (readonly number[])[];

beforeEach(() => {
  clock = new ManualClock();
  gather = new Gather(clock);
  calls = [];
});

const call = async (questions: readonly number[]): Promise<Answer<string>[]> => {
  calls.push(questions);
  return questions.map((n) =>
    n === 13 ? { error: { code: 'GitPathNotFound', message: 'no 13' } } : { value: `answer ${n}` },
  );
};

describe('questions of one moment', () => {
  it('are one call, each with its own answer or error', async () => {
    const asked = Promise.allSettled([1, 13, 2].map((n) => gather.ask('commit', n, call)));
    clock.advance(0);
    expect(await asked).toEqual([
      { status: 'fulfilled', value: 'answer 1' },
      { status: 'rejected', reason: new GitError('GitPathNotFound', 'no 13') },
      { status: 'fulfilled', value: 'answer 2' },
    ]);
    expect(calls).toEqual([[1, 13, 2]]);
  });

  it('about other commits are other calls, and so are later ones', async () => {
    const first = [gather.ask('a', 1, call), gather.ask('b', 2, call)];
    clock.advance(0);
    await Promise.all(first);
    const later = gather.ask('a', 3, call);
    clock.advance(0);
    await later;
    expect(calls).toEqual([[1], [2], [3]]);
  });

  it('are split when they are very many', async () => {
    const asked = Promise.all(Array.from({ length: 600 }, (_, n) => gather.ask('a', n + 100, call)));
    clock.advance(0);
    expect((await asked)[599]).toBe('answer 699');
    expect(calls.map((questions) => questions.length)).toEqual([250, 250, 100]);
  });

  it('all fail with the call', async () => {
    const lost = new GitError('GitWorkerFailed', 'lost');
    const asked = Promise.allSettled([1, 2].map((n) => gather.ask('a', n, () => Promise.reject(lost))));
    clock.advance(0);
    expect(await asked).toEqual([
      { status: 'rejected', reason: lost },
      { status: 'rejected', reason: lost },
    ]);
  });
});
