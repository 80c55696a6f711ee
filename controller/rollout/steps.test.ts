import { describe, expect, it } from 'vitest';
import { parseSteps, scaleAt, stepsHash, stepText, weightAt } from './steps.ts';

describe('reading steps', () => {
  it.each([
    [{ duration: 30 }, 30_000],
    [{ duration: '30' }, 30_000],
    [{ duration: '1h30m' }, 5_400_000],
    [{}, undefined],
    [{ duration: null }, undefined],
    [{ duration: 0 }, 0],
  ])('a pause of %j', (pause, durationMs) => {
    expect(parseSteps([{ pause }])).toEqual([{ kind: 'pause', durationMs }]);
  });

  it.each<[unknown, string]>([
    [{ setWeight: 101 }, '.setWeight'],
    [{ setWeight: '20' }, '.setWeight'],
    [{ pause: { duration: 'soon' } }, '.pause.duration'],
    [{ pause: { duration: -1 } }, '.pause.duration'],
    [{ pause: { duration: '-5s' } }, '.pause.duration'],
    [{ analysis: { templates: [] } }, '.analysis.templates'],
    [{ setCanaryScale: {} }, '.setCanaryScale'],
    [{ setCanaryScale: { weight: 1, replicas: 1 } }, '.setCanaryScale'],
    [{ setCanaryScale: { matchTrafficWeight: false } }, '.setCanaryScale'],
    [{ setCanaryScale: { weight: 101 } }, '.setCanaryScale.weight'],
    [{ setCanaryScale: { replicas: '1' } }, '.setCanaryScale.replicas'],
    [{ setWeight: 1, pause: {} }, ''],
    [{}, ''],
    [null, ''],
    ['x', ''],
  ])('%j is invalid at %s', (step, field) => {
    expect(parseSteps([step])).toEqual([expect.objectContaining({ kind: 'invalid', field })]);
  });

  it('survives what is no list', () => {
    expect(parseSteps({ setWeight: 1 })).toEqual([]);
    expect(parseSteps(undefined)).toEqual([]);
  });
});

describe('the scale at a step', () => {
  const steps = parseSteps([
    { setWeight: 1 },
    { setCanaryScale: { replicas: 3 } },
    { pause: {} },
    { setCanaryScale: { matchTrafficWeight: true } },
  ]);
  it.each([
    [0, { by: 'traffic' }],
    [1, { by: 'replicas', replicas: 3 }],
    [2, { by: 'replicas', replicas: 3 }],
    [3, { by: 'traffic' }],
    [4, { by: 'traffic' }],
  ])('index %i → %j', (index, scale) => {
    expect(scaleAt(steps, index)).toEqual(scale);
  });
});

describe('the weight at a step', () => {
  const steps = parseSteps([{ pause: {} }, { setWeight: 20 }, { pause: {} }, { setWeight: 50 }]);
  it.each([
    [0, 0],
    [1, 20],
    [2, 20],
    [3, 50],
    [4, 100],
    [99, 100],
  ])('index %i → %i', (index, weight) => {
    expect(weightAt(steps, index)).toBe(weight);
  });

  it('is 0 without steps: the version is promoted as a whole', () => {
    expect(weightAt([], 0)).toBe(0);
  });
});

it('counts steps for people', () => {
  const steps = parseSteps([{ setWeight: 1 }, { pause: {} }]);
  expect([stepText(steps, 0), stepText(steps, 2), stepText(steps, 7), stepText([], 0)]).toEqual([
    '0/2',
    '2/2',
    '2/2',
    undefined,
  ]);
});

it('hashes steps independently of the order of their fields', () => {
  const one = [{ analysis: { templates: [{ templateName: 'a', clusterScope: true }] } }];
  const other = [{ analysis: { templates: [{ clusterScope: true, templateName: 'a' }] } }];
  expect(stepsHash(one)).toBe(stepsHash(other));
  expect(stepsHash(one)).not.toBe(stepsHash([]));
  expect(stepsHash(undefined)).toBe(stepsHash([]));
});
