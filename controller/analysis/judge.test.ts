import { describe, expect, test } from 'vitest';
import { parseCondition } from './condition.ts';
import { type Conditions, judge, type MeasuredValue } from './judge.ts';

function conditions(success: string | undefined, failure: string | undefined): Conditions {
  return {
    ...(success === undefined ? {} : { success: parseCondition(success) }),
    ...(failure === undefined ? {} : { failure: parseCondition(failure) }),
  };
}

describe('a measurement with data', () => {
  const LOW = 'result[0] < 0.05';
  const HIGH = 'result[0] > 0.2';
  test.each<[string | undefined, string | undefined, MeasuredValue, string]>([
    [undefined, undefined, [7], 'Successful'],
    [LOW, undefined, [0.01], 'Successful'],
    [LOW, undefined, [0.06], 'Failed'],
    [undefined, HIGH, [0.01], 'Successful'],
    [undefined, HIGH, [0.3], 'Failed'],
    [LOW, HIGH, [0.01], 'Successful'],
    [LOW, HIGH, [0.3], 'Failed'],
    [LOW, HIGH, [0.1], 'Inconclusive'],
    ['true', 'true', [1], 'Failed'],
    ['result < 1', undefined, 0.5, 'Successful'],
    ['result[1] < 1', undefined, [0], 'Error'],
    ['result[0]', undefined, [0], 'Error'],
  ])('success %s, failure %s, %j: %s %s', (success, failure, value, phase) => {
    expect(judge(conditions(success, failure), value).phase).toBe(phase);
  });

  test('says what was measured and what it did not satisfy', () => {
    expect(judge(conditions(LOW, undefined), [0.31]).message).toBe('[0.31] does not satisfy result[0] < 0.05');
    expect(judge(conditions(undefined, HIGH), [0.31]).message).toBe('[0.31] satisfies result[0] > 0.2');
    expect(judge(conditions('result[5] > 1', undefined), [0.31]).message).toBe(
      '[0.31] cannot be judged: index 5 is out of range: the list has 1 elements',
    );
  });
});

describe('missing data is not success', () => {
  test.each<[string | undefined, string | undefined, MeasuredValue, string]>([
    // No condition says what missing data means.
    [undefined, undefined, [], 'Inconclusive'],
    [undefined, undefined, Number.NaN, 'Inconclusive'],
    ['result[0] < 0.05', undefined, [], 'Inconclusive'],
    ['result[0] < 0.05', undefined, [Number.NaN], 'Inconclusive'],
    [undefined, 'result[0] > 0.05', [Number.NaN], 'Inconclusive'],
    [undefined, 'any(result, # > 0.05)', [0.01, Number.NaN], 'Inconclusive'],
    ['all(result, # < 0.05)', undefined, [], 'Inconclusive'],
    ['not (result > 0.05)', undefined, Number.NaN, 'Inconclusive'],
    ['mean(result) < 0.05', undefined, [], 'Inconclusive'],
    // A condition does.
    ['len(result) == 0 || result[0] < 0.05', undefined, [], 'Successful'],
    ['isNaN(result[0]) or result[0] < 0.05', undefined, [Number.NaN], 'Successful'],
    ['all(result, isNaN(#) || # < 0.05)', undefined, [Number.NaN, 0.01], 'Successful'],
    [undefined, 'len(result) == 0 || result[0] > 0.05', [], 'Failed'],
    [undefined, 'len(result) == 0', [], 'Failed'],
    // It speaks of the other kind of missing data, so it does not count.
    [undefined, 'len(result) == 0 || result[0] > 0.05', [Number.NaN], 'Inconclusive'],
    ['isNaN(result[0]) || result[0] < 0.05', undefined, [], 'Inconclusive'],
    ['len([1]) == 1 && all(result, # < 0.05)', undefined, [], 'Inconclusive'],
    // One condition does and the other does not: good only when nothing is unknown.
    ['len(result) == 0 || result[0] < 0.05', 'result[0] > 0.2', [], 'Inconclusive'],
    ['result[0] < 0.05', 'len(result) == 0', [], 'Failed'],
    ['result[0] < 0.05', 'len(result) > 9', [], 'Inconclusive'],
  ])('success %s, failure %s, %j: %s %s', (success, failure, value, phase) => {
    expect(judge(conditions(success, failure), value).phase).toBe(phase);
  });

  test('says so', () => {
    expect(judge(conditions('result[0] > 1', undefined), []).message).toContain('no data: the query matched no series');
    expect(judge(conditions('result[0] > 1', undefined), [Number.NaN]).message).toContain('no data: [NaN] holds NaN');
  });
});
