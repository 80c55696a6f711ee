import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ObjectId } from '../manifest/identity.ts';
import { applyStages, pruneStages } from './order.ts';

const id = (group: string, kind: string, name = 'x'): ObjectId => ({ group, kind, namespace: 'team', name });
const self = (x: ObjectId): ObjectId => x;
const kindsOf = (stages: ObjectId[][]): string[] => stages.flat().map(({ kind }) => kind);

const SHUFFLED = [
  id('slipway.dev', 'Application'),
  id('slipway.dev', 'Rollout'),
  id('slipway.dev', 'AnalysisTemplate'),
  id('gateway.networking.k8s.io', 'HTTPRoute'),
  id('admissionregistration.k8s.io', 'ValidatingWebhookConfiguration'),
  id('apps', 'Deployment'),
  id('', 'Service'),
  id('', 'Namespace'),
  id('', 'ConfigMap'),
  id('apiextensions.k8s.io', 'CustomResourceDefinition'),
];

describe('the order of applying', () => {
  it('puts what others need first, custom resources after every built-in kind, Rollouts after what they use, and webhooks last', () => {
    expect(kindsOf(applyStages(SHUFFLED, self))).toEqual([
      'CustomResourceDefinition',
      'Namespace',
      'ConfigMap',
      'Service',
      'Deployment',
      'HTTPRoute',
      'AnalysisTemplate',
      'Rollout',
      'Application',
      'ValidatingWebhookConfiguration',
    ]);
  });

  it('puts objects of one kind side by side, in order of their names', () => {
    const stages = applyStages([id('', 'ConfigMap', 'b'), id('', 'Service'), id('', 'ConfigMap', 'a')], self);
    expect(stages.map((stage) => stage.map(({ kind, name }) => `${kind} ${name}`))).toEqual([
      ['ConfigMap a', 'ConfigMap b'],
      ['Service x'],
    ]);
  });

  it('tells kinds of equal name apart by their group', () => {
    expect(kindsOf(applyStages([id('serving.knative.dev', 'Service'), id('apps', 'Deployment')], self))).toEqual([
      'Deployment',
      'Service',
    ]);
  });

  it('is the reverse for pruning', () => {
    expect(pruneStages(SHUFFLED, self)).toEqual(applyStages(SHUFFLED, self).reverse());
  });

  it('neither loses nor repeats an object, and does not depend on their order', () => {
    const objects = fc.uniqueArray(
      fc
        .record({ i: fc.nat({ max: SHUFFLED.length - 1 }), name: fc.constantFrom('a', 'b', 'c') })
        .map(({ i, name }) => ({
          ...(SHUFFLED[i] as ObjectId),
          name,
        })),
      { selector: (x) => `${x.kind}/${x.name}` },
    );
    fc.assert(
      fc.property(objects, fc.infiniteStream(fc.nat()), (list, random) => {
        const shuffled = [...list].sort(() => (Number(random.next().value) % 3) - 1);
        expect(applyStages(shuffled, self)).toEqual(applyStages(list, self));
        expect(new Set(applyStages(list, self).flat())).toEqual(new Set(list));
        expect(applyStages(list, self).flat()).toHaveLength(list.length);
      }),
    );
  });
});
