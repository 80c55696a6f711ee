import { describe, expect, it } from 'vitest';
import { type Condition, removeCondition, setCondition } from './conditions.ts';

const T0 = Date.UTC(2026, 0, 1);
const ready = { type: 'Ready', status: 'True', reason: 'Ok', message: 'fine', observedGeneration: 1 } as const;

describe('setCondition', () => {
  const first = setCondition<Condition>([], ready, T0);

  it('returns the very same list when nothing changes, so that nothing is written', () => {
    expect(setCondition(first, ready, T0 + 60_000)).toBe(first);
  });

  it('keeps the transition time while the status stays', () => {
    const [condition] = setCondition(first, { ...ready, reason: 'Other', message: 'still fine' }, T0 + 60_000);
    expect(condition).toMatchObject({ reason: 'Other', lastTransitionTime: '2026-01-01T00:00:00Z' });
  });

  it('moves the transition time when the status changes', () => {
    const [condition] = setCondition(first, { ...ready, status: 'False' }, T0 + 60_000);
    expect(condition?.lastTransitionTime).toBe('2026-01-01T00:01:00Z');
  });

  it('leaves other conditions alone', () => {
    const both = setCondition(first, { ...ready, type: 'Synced' }, T0);
    expect(setCondition(both, { ...ready, status: 'False' }, T0)[1]).toBe(both[1]);
  });
});

describe('removeCondition', () => {
  it('returns the very same list when the condition is not there', () => {
    const list = setCondition<Condition>([], ready, T0);
    expect(removeCondition(list, 'Other')).toBe(list);
    expect(removeCondition(list, 'Ready')).toEqual([]);
  });
});
