import { describe, expect, it } from 'vitest';
import { ManualClock } from '../platform/manual-clock.ts';
import { WorkQueue } from './work-queue.ts';

const make = (options = {}) => {
  const clock = new ManualClock();
  return { clock, queue: new WorkQueue({ clock, random: () => 1, ...options }) };
};

describe('a work queue', () => {
  it('gives a key that was added often once', async () => {
    const { queue } = make();
    for (const key of ['a', 'b', 'a', 'a']) queue.add(key);
    expect([await queue.get(), await queue.get()]).toEqual(['a', 'b']);
    expect(queue.depth).toBe(0);
  });

  it('gives a key that is added while in work once more, afterwards', async () => {
    const { queue } = make();
    queue.add('a');
    await queue.get();
    queue.add('a');
    queue.add('a');
    expect(queue.depth).toBe(0);
    queue.done('a');
    expect(await queue.get()).toBe('a');
    queue.done('a');
    expect(queue.depth).toBe(0);
  });

  it('gives what is first before what waits, whenever it comes', async () => {
    const { queue, clock } = make();
    for (const key of ['a', 'b', 'c']) queue.add(key);
    queue.addAfter('x', 100, 'first');
    queue.addAfter('y', 100, 'first');
    expect(await queue.get()).toBe('a');
    // News come before the delay is over: it is first all the same.
    queue.add('y');
    expect(await queue.get()).toBe('y');
    clock.advance(100);
    expect(await queue.get()).toBe('x');
    queue.done('x');
    queue.add('x');
    queue.addAfter('c', 100, 'first');
    expect([await queue.get(), await queue.get(), await queue.get()]).toEqual(['c', 'b', 'x']);
  });

  it('gives a key that is first next, although it was added while in work', async () => {
    const { queue } = make();
    queue.add('a');
    queue.add('b');
    await queue.get();
    queue.add('a');
    queue.addAfter('a', 100, 'first');
    queue.done('a');
    expect(await queue.get()).toBe('a');
  });

  it('wakes whoever waits', async () => {
    const { queue } = make();
    const next = queue.get();
    queue.add('a');
    expect(await next).toBe('a');
  });

  it('of several delays keeps the earliest', () => {
    const { queue, clock } = make();
    queue.addAfter('a', 1000);
    queue.addAfter('a', 100);
    queue.addAfter('a', 500);
    clock.advance(99);
    expect(queue.depth).toBe(0);
    clock.advance(1);
    expect(queue.depth).toBe(1);
    expect(clock.nextTimerIn()).toBeUndefined();
  });

  it('forgets a delay when the key is added at once', () => {
    const { queue, clock } = make();
    queue.addAfter('a', 1000);
    queue.add('a');
    expect(clock.nextTimerIn()).toBeUndefined();
    expect(queue.depth).toBe(1);
  });

  it('doubles the delay of a failing key up to a cap, for that key alone, until it is forgotten', async () => {
    const { queue, clock } = make({ baseDelayMs: 5, maxDelayMs: 40 });
    const delays: (number | undefined)[] = [];
    for (let i = 0; i < 6; i++) {
      queue.addRateLimited('a');
      delays.push(clock.nextTimerIn());
      clock.advance(40);
      queue.done((await queue.get()) ?? '');
    }
    expect(delays).toEqual([5, 10, 20, 40, 40, 40]);
    queue.addRateLimited('b');
    expect(clock.nextTimerIn()).toBe(5);
    queue.forget('a');
    expect(queue.failures('a')).toBe(0);
  });

  it('tries a key again within half a minute, however long it has been failing', async () => {
    const { queue, clock } = make();
    for (let i = 0; i < 30; i++) {
      queue.addRateLimited('a');
      clock.advance(30_000);
      expect(queue.depth).toBe(1);
      queue.done((await queue.get()) ?? '');
    }
  });

  it('spreads delays by jitter', () => {
    const low = make({ random: () => 0 });
    low.queue.addRateLimited('a');
    expect(low.clock.nextTimerIn()).toBe(2.5);
  });

  it('waits at least as long as a server asked for', () => {
    const { queue, clock } = make();
    queue.addRateLimited('a', 3000);
    expect(clock.nextTimerIn()).toBe(3000);
  });

  it('gives nothing more after it was shut down, and says when the work in hand has ended', async () => {
    const { queue, clock } = make();
    queue.add('a');
    queue.add('b');
    queue.addAfter('c', 10);
    await queue.get();
    const waiting = queue.get();
    const second = await waiting;
    expect(second).toBe('b');
    const idle: string[] = [];
    queue.shutDown();
    const ended = queue.idle().then(() => idle.push('idle'));
    clock.advance(10);
    queue.add('d');
    expect(await queue.get()).toBeUndefined();
    queue.done('a');
    expect(idle).toEqual([]);
    queue.done('b');
    await ended;
    expect(idle).toEqual(['idle']);
  });
});
