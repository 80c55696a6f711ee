import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idNamed, paired } from '../../test/applications.ts';
import type { DesiredObject } from './desired.ts';
import { DEFAULT_OBJECT_OPTIONS, type SyncPhase } from './object-options.ts';
import { compareSteps, describeStep, isDueIn, stepAfter, stepsOf, withEarlyWaves } from './waves.ts';

function desired(name: string, wave: number, hooks: SyncPhase[] = [], kind = 'ConfigMap', group = ''): DesiredObject {
  const { desired } = paired(idNamed(name, kind, group));
  return { ...desired, options: { ...DEFAULT_OBJECT_OPTIONS, wave, hooks } };
}

describe('the steps of a sync', () => {
  it('go through the phases, and through the waves of each', () => {
    const objects = [desired('a', 1), desired('b', -2), desired('c', 1)];
    const hooks = [
      desired('pre', 3, ['PreSync']),
      desired('both', 0, ['PreSync', 'PostSync']),
      desired('x', 9, ['SyncFail']),
    ];
    expect(stepsOf(objects, hooks).map(describeStep)).toEqual([
      'PreSync',
      'PreSync wave 3',
      'wave -2',
      'wave 1',
      'PostSync',
    ]);
  });

  it('have one in which to prune even when Git has no object', () => {
    expect(stepsOf([], []).map(describeStep)).toEqual(['wave 0']);
  });

  it('lead through every step once, wherever a changed commit starts from', () => {
    const waves = fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 6 });
    fc.assert(
      fc.property(waves, waves, fc.integer({ min: -4, max: 4 }), (ours, pre, from) => {
        const steps = stepsOf(
          ours.map((wave, i) => desired(`o${i}`, wave)),
          pre.map((wave, i) => desired(`h${i}`, wave, ['PreSync'])),
        );
        const walked = [];
        for (let step = stepAfter(steps, { phase: 'PreSync', wave: -9 }); step; step = stepAfter(steps, step))
          walked.push(step);
        expect(walked).toEqual(steps);
        const next = stepAfter(steps, { phase: 'Sync', wave: from });
        if (next !== undefined) expect(compareSteps(next, { phase: 'Sync', wave: from })).toBeGreaterThan(0);
      }),
    );
  });

  it('apply what earlier ones applied again, and nothing that comes later', () => {
    expect(isDueIn({ phase: 'Sync', wave: 1 }, desired('a', 0))).toBe(true);
    expect(isDueIn({ phase: 'Sync', wave: 1 }, desired('a', 2))).toBe(false);
    expect(isDueIn({ phase: 'PreSync', wave: 5 }, desired('a', 0))).toBe(false);
    expect(isDueIn({ phase: 'PostSync', wave: 0 }, desired('a', 7))).toBe(true);
  });

  it('have a namespace and a definition before the first object that needs them', () => {
    const crd = desired('widgets.example.com', 5, [], 'CustomResourceDefinition', 'apiextensions.k8s.io');
    const definition = {
      ...crd,
      object: {
        ...crd.object,
        apiVersion: 'apiextensions.k8s.io/v1',
        spec: { group: 'example.com', names: { kind: 'Widget' } },
      },
    };
    const namespace = {
      ...desired('team', 4, [], 'Namespace'),
      id: { ...idNamed('team', 'Namespace'), namespace: '' },
    };
    const widget = desired('w', -1, [], 'Widget', 'example.com');
    const waves = withEarlyWaves([definition, namespace, widget]).map(({ options }) => options.wave);
    expect(waves).toEqual([-1, -1, -1]);
  });
});
