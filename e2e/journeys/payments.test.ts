import { expect, it } from 'vitest';
import { payment } from './payments.ts';

const channelOf = (index: number): unknown => payment(index).inputs.find(({ name }) => name === 'channel')?.data[0];

it('is the same for the same index, and two of five payments come from wallets in any long run', () => {
  expect(payment(7)).toEqual(payment(7));
  expect(payment(7)).not.toEqual(payment(8));
  for (const offset of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) {
    // What a gateway that deals out every tenth request would send to one side.
    const share = Array.from({ length: 300 }, (_, k) => channelOf(10 * k + offset)).filter(
      (c) => c === 'wallet',
    ).length;
    expect(share / 300).toBeGreaterThan(0.3);
    expect(share / 300).toBeLessThan(0.5);
  }
});
