import { describe, expect, it } from 'vitest';
import { humanDuration, parseDuration } from './duration.ts';

describe('parseDuration', () => {
  // What Go's time.ParseDuration answers, in milliseconds.
  it.each([
    ['0', 0],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['1.s', 1000],
    ['300ms', 300],
    ['10us', 0.01],
    ['-1m', -60_000],
    ['+2s', 2000],
    ['1h1m1s1ms', 3_661_001],
  ])('%s', (text, ms) => {
    expect(parseDuration(text)).toBeCloseTo(ms, 9);
  });

  it.each(['', '30', '1 s', 's', '1x', '1h 5m', '1d', '--1s', '1e3s', 'NaNs', '.s'])(
    'refuses "%s" and says what to write',
    (text) => {
      expect(() => parseDuration(text)).toThrow(/is not a duration: write for example 30s/);
    },
  );
});

describe('humanDuration', () => {
  // As kubectl prints ages.
  it.each([
    [0, '0s'],
    [119_000, '119s'],
    [120_000, '2m'],
    [125_000, '2m5s'],
    [600_000, '10m'],
    [179 * 60_000, '179m'],
    [180 * 60_000, '3h'],
    [185 * 60_000, '3h5m'],
    [9 * 3_600_000, '9h'],
    [47 * 3_600_000, '47h'],
    [50 * 3_600_000, '2d2h'],
    [9 * 86_400_000, '9d'],
  ])('%i ms', (ms, text) => {
    expect(humanDuration(ms)).toBe(text);
  });
});
