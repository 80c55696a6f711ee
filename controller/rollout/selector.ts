import type { RolloutSpecSelector } from '../api/generated/rollout.ts';
import { asList, asObject } from './plain.ts';

/** Whether labels satisfy a selector; an empty selector satisfies nothing here. */
export function selects(selector: RolloutSpecSelector, labels: Readonly<Record<string, string>>): boolean {
  const wanted = Object.entries(asObject(selector.matchLabels) ?? {});
  const expressions = asList(selector.matchExpressions) as NonNullable<RolloutSpecSelector['matchExpressions']>;
  if (wanted.length === 0 && expressions.length === 0) return false;
  return (
    wanted.every(([key, value]) => labels[key] === value) &&
    expressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      switch (operator) {
        case 'In':
          return value !== undefined && values.includes(value);
        case 'NotIn':
          return value === undefined || !values.includes(value);
        case 'Exists':
          return value !== undefined;
        case 'DoesNotExist':
          return value === undefined;
        default:
          return false;
      }
    })
  );
}

/** The selector as text, for the scale subresource, for example `app=fraud,tier in (a,b)`. */
export function selectorText(selector: RolloutSpecSelector): string {
  const labels = Object.entries(asObject(selector.matchLabels) ?? {}).map(([key, value]) => `${key}=${value}`);
  const expressions = (asList(selector.matchExpressions) as NonNullable<RolloutSpecSelector['matchExpressions']>).map(
    ({ key, operator, values = [] }) => {
      switch (operator) {
        case 'In':
          return `${key} in (${[...values].sort().join(',')})`;
        case 'NotIn':
          return `${key} notin (${[...values].sort().join(',')})`;
        case 'DoesNotExist':
          return `!${key}`;
        default:
          return key;
      }
    },
  );
  return [...labels.sort(), ...expressions].join(',');
}
