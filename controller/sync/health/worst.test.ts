import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Health, HealthStatus } from './health.ts';
import { worstHealth } from './worst.ts';

const of = (name: string, status?: HealthStatus, message = 'why'): { name: string; health: Health | undefined } => ({
  name,
  health: status && { status, message },
});

describe('the health of an Application', () => {
  it('is that of its worst object, and names it', () => {
    expect(
      worstHealth([of('a', 'Healthy'), of('b', 'Suspended'), of('c', 'Degraded', 'broken'), of('d', 'Missing')]),
    ).toEqual({
      status: 'Degraded',
      message: 'c: broken',
    });
  });

  it('says how many are as bad', () => {
    expect(worstHealth([of('a', 'Progressing'), of('b', 'Progressing'), of('c')]).message).toBe('a: why (and 1 more)');
  });

  it('is Healthy without objects, and without objects that have a health', () => {
    expect(worstHealth([])).toEqual({ status: 'Healthy' });
    expect(worstHealth([of('a'), of('b')])).toEqual({ status: 'Healthy' });
  });

  it('never gets better by one more object', () => {
    const order: HealthStatus[] = ['Healthy', 'Suspended', 'Progressing', 'Missing', 'Degraded', 'Unknown'];
    const status = fc.constantFrom(...order);
    fc.assert(
      fc.property(fc.array(status), status, (list, extra) => {
        const rank = (statuses: HealthStatus[]): number =>
          order.indexOf(worstHealth(statuses.map((s, i) => of(String(i), s))).status);
        expect(rank([...list, extra])).toBe(Math.max(rank(list), order.indexOf(extra)));
      }),
    );
  });
});
