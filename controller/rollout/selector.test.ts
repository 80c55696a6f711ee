import { expect, it } from 'vitest';
import type { RolloutSpecSelector } from '../api/generated/rollout.ts';
import { selectorText, selects } from './selector.ts';

const labels = { app: 'fraud', tier: 'gold' };

it.each<[RolloutSpecSelector, boolean, string]>([
  [{ matchLabels: { app: 'fraud' } }, true, 'app=fraud'],
  [{ matchLabels: { tier: 'gold', app: 'fraud' } }, true, 'app=fraud,tier=gold'],
  [{ matchLabels: { app: 'other' } }, false, 'app=other'],
  [{ matchExpressions: [{ key: 'tier', operator: 'In', values: ['silver', 'gold'] }] }, true, 'tier in (gold,silver)'],
  [{ matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['gold'] }] }, false, 'tier notin (gold)'],
  [{ matchExpressions: [{ key: 'zone', operator: 'NotIn', values: ['a'] }] }, true, 'zone notin (a)'],
  [{ matchExpressions: [{ key: 'app', operator: 'Exists' }] }, true, 'app'],
  [{ matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] }, false, '!app'],
  [{}, false, ''],
])('%j', (selector, matches, text) => {
  expect(selects(selector, labels)).toBe(matches);
  expect(selectorText(selector)).toBe(text);
});
