import { expect, it } from 'vitest';
import { errorFromAnswer, errorFromTransport } from './errors.ts';
import { recover } from './watch-recovery.ts';

const subject = { verb: 'watch', resource: 'pods', key: '' };
const backoff = { baseMs: 100, maxMs: 30_000 };
const after = (error: unknown, failures = 0, listed = true) => recover(error, { listed, failures }, backoff, () => 1);

it('asks for a new list only when the version is of no use', () => {
  const tooLarge = {
    message: 'Too large resource version',
    details: { causes: [{ reason: 'ResourceVersionTooLarge' }] },
  };
  expect(after(errorFromAnswer(subject, 410, {}))).toMatchObject({ relist: true });
  expect(after(errorFromAnswer(subject, 504, tooLarge))).toMatchObject({ relist: true });
  for (const status of [401, 403, 404, 429, 500, 503, 504]) {
    expect(after(errorFromAnswer(subject, status, {}))).toMatchObject({ relist: false });
  }
  expect(after(errorFromTransport(subject, new Error('reset')))).toMatchObject({ relist: false });
});

it('waits longer with each failure, up to the bound, and not at all after the first expiry', () => {
  const error = errorFromAnswer(subject, 500, {});
  expect([0, 1, 2, 20].map((failures) => after(error, failures))).toMatchObject([
    { waitMs: 100 },
    { waitMs: 200 },
    { waitMs: 400 },
    { waitMs: 30_000 },
  ]);
  expect(after(errorFromAnswer(subject, 410, {}), 0)).toMatchObject({ waitMs: 0 });
  expect(after(errorFromAnswer(subject, 410, {}), 1)).toMatchObject({ waitMs: 200 });
});

it('waits as long as the server asks, within reason', () => {
  expect(after(errorFromAnswer(subject, 429, {}, 5000))).toMatchObject({ waitMs: 5000 });
  expect(after(errorFromAnswer(subject, 429, {}, 86_400_000))).toMatchObject({ waitMs: 120_000 });
});
