import { expect, it } from 'vitest';
import { notAfter } from './application-hold.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');

it('a pass comes again when a window changes, or earlier if it wants to', () => {
  expect(notAfter({}, undefined, NOW)).toEqual({});
  expect(notAfter({}, NOW + 5000, NOW)).toEqual({ requeueAfterMs: 5000 });
  expect(notAfter({ requeueAfterMs: 9000 }, NOW + 5000, NOW)).toEqual({ requeueAfterMs: 5000 });
  expect(notAfter({ requeueAfterMs: 100 }, NOW + 5000, NOW)).toEqual({ requeueAfterMs: 100 });
});

it('and what was begun stays first', () => {
  expect(notAfter({ requeueAfterMs: 500, first: true }, undefined, NOW)).toEqual({ requeueAfterMs: 500, first: true });
  expect(notAfter({ requeueAfterMs: 500, first: true }, NOW + 100, NOW)).toEqual({ requeueAfterMs: 100, first: true });
});
