import { expect, it } from 'vitest';
import { ManualClock } from '../platform/manual-clock.ts';
import { TokenBucket } from './token-bucket.ts';

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const make = () => {
  const clock = new ManualClock();
  return { clock, bucket: new TokenBucket({ clock, perSecond: 10, burst: 3 }) };
};

it('lets a burst through, then one after the other at its rate, in order', async () => {
  const { clock, bucket } = make();
  const served: number[] = [];
  for (let i = 0; i < 6; i++) void bucket.take().then(() => served.push(i));
  await settle();
  expect(served).toEqual([0, 1, 2]);
  clock.advance(99);
  await settle();
  expect(served).toEqual([0, 1, 2]);
  clock.advance(1);
  await settle();
  expect(served).toEqual([0, 1, 2, 3]);
  clock.advance(200);
  await settle();
  expect(served).toEqual([0, 1, 2, 3, 4, 5]);
});

it('never holds more than a burst', () => {
  const { clock, bucket } = make();
  clock.advance(3_600_000);
  expect(Array.from({ length: 5 }, () => bucket.tryTake())).toEqual([true, true, true, false, false]);
});

it('takes nothing from one who gave up waiting', async () => {
  const { clock, bucket } = make();
  for (let i = 0; i < 3; i++) bucket.tryTake();
  const impatient = new AbortController();
  const waiting = bucket.take(impatient.signal);
  impatient.abort(new Error('gave up'));
  await expect(waiting).rejects.toThrow('gave up');
  clock.advance(100);
  expect(bucket.tryTake()).toBe(true);
});
