import { describe, expect, it } from 'vitest';
import { fitting, misfit, type Shape } from './shape.ts';

const STEP: Shape = {
  type: 'object',
  required: ['name'],
  properties: { name: { type: 'string' }, weight: { type: 'integer', minimum: 0, maximum: 100 } },
};
const SHAPE: Shape = {
  type: 'object',
  required: ['steps'],
  properties: {
    steps: { type: 'array', items: STEP },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    surge: { 'x-kubernetes-int-or-string': true },
    share: { type: 'number' },
    paused: { type: 'boolean' },
    kind: { type: 'string', enum: ['Tall', 'Small'] },
    template: { type: 'object' },
  },
};

describe('misfit', () => {
  it.each<[string, unknown, string | undefined]>([
    ['all that fits', { steps: [{ name: 'a', weight: 0 }], surge: '25%', share: 0.5, kind: 'Tall' }, undefined],
    ['a whole number where any will do', { steps: [], share: 2, surge: 1 }, undefined],
    ['fields that it does not know', { steps: [], later: 5, template: { anything: [null] } }, undefined],
    ['an optional field that is null', { steps: [], paused: null }, undefined],
    ['nothing', undefined, 'spec: is missing: set it'],
    ['another type', 'text', 'spec: is a string, must be an object: correct it'],
    ['a list for an object', [1], 'spec: is a list, must be an object: correct it'],
    ['a required field that is missing', {}, 'spec.steps: is missing: set it'],
    ['a required field that is null', { steps: null }, 'spec.steps: is missing: set it'],
    ['an item that is null', { steps: [{ name: 'a' }, null] }, 'spec.steps[1]: is missing: set it'],
    ['a field of an item', { steps: [{ name: 5 }] }, 'spec.steps[0].name: is an integer, must be a string: correct it'],
    ['too much', { steps: [{ name: 'a', weight: 101 }] }, 'spec.steps[0].weight: must be at most 100: correct it'],
    ['too little', { steps: [{ name: 'a', weight: -1 }] }, 'spec.steps[0].weight: must be at least 0: correct it'],
    [
      'a fraction',
      { steps: [{ name: 'a', weight: 0.5 }] },
      'spec.steps[0].weight: is a number, must be an integer: correct it',
    ],
    [
      'a value of a map',
      { steps: [], labels: { a: 'b', c: 7 } },
      'spec.labels.c: is an integer, must be a string: correct it',
    ],
    [
      'neither number nor text',
      { steps: [], surge: {} },
      'spec.surge: is an object, must be an integer or a string: correct it',
    ],
    ['none of the values', { steps: [], kind: 'Odd' }, 'spec.kind: must be one of Tall, Small: correct it'],
    ['text for a boolean', { steps: [], paused: 'yes' }, 'spec.paused: is a string, must be a boolean: correct it'],
    ['a field named like a method', { steps: [], labels: { constructor: 'a' } }, undefined],
  ])('%s', (_, value, message) => {
    expect(misfit(SHAPE, value, 'spec')).toBe(message);
  });
});

describe('fitting', () => {
  it('gives back the very same value when all of it fits', () => {
    const value = { steps: [{ name: 'a' }], labels: { a: 'b' }, later: 5 };
    expect(fitting(SHAPE, value)).toBe(value);
  });

  it('drops what does not fit and keeps the rest', () => {
    const value = { steps: [{ name: 'a', weight: 'x' }, null, 5, { weight: 1 }], paused: 'yes', surge: null, share: 1 };
    expect(fitting(SHAPE, value)).toEqual({ steps: [{ name: 'a' }], share: 1 });
  });

  it('leaves nothing of what is incomplete, or of another type', () => {
    expect(fitting(SHAPE, { paused: true })).toBeUndefined();
    expect(fitting(SHAPE, { steps: 'x' })).toBeUndefined();
    expect(fitting(SHAPE, 'text')).toBeUndefined();
  });
});
