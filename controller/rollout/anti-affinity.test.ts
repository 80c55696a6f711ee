import { describe, expect, it } from 'vitest';
import { antiAffinityProblem, apartFrom, readAntiAffinity, withoutRule } from './anti-affinity.ts';

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';
const own = { topologyKey: 'zone', labelSelector: { matchLabels: { app: 'other' } } };
const term = (hash: string) => ({
  labelSelector: { matchExpressions: [{ key: 'rollouts-pod-template-hash', operator: 'In', values: [hash] }] },
  topologyKey: 'kubernetes.io/hostname',
});

describe('anti-affinity between versions', () => {
  it('is added to what the template has, once, for one version', () => {
    const users = { nodeAffinity: { a: 1 }, podAntiAffinity: { [REQUIRED]: [own] } };
    const first = apartFrom(users, { rule: 'required' }, 'h1');
    expect(first).toEqual({ ...users, podAntiAffinity: { [REQUIRED]: [own, term('h1')] } });
    const second = apartFrom(first, { rule: 'preferred', weight: 5 }, 'h2');
    expect(second).toEqual({
      nodeAffinity: { a: 1 },
      podAntiAffinity: { [REQUIRED]: [own], [PREFERRED]: [{ weight: 5, podAffinityTerm: term('h2') }] },
    });
    expect(withoutRule(second)).toEqual(users);
  });

  it('leaves nothing behind', () => {
    expect(withoutRule(apartFrom(undefined, { rule: 'required' }, 'h1'))).toBeUndefined();
  });

  it.each([{}, { [REQUIRED]: {}, [PREFERRED]: { weight: 1 } }, { [PREFERRED]: {} }, { [PREFERRED]: { weight: 101 } }])(
    '%j makes no sense',
    (raw) => {
      expect([readAntiAffinity(raw), antiAffinityProblem(raw)]).toEqual([
        undefined,
        expect.stringContaining('exactly one of'),
      ]);
    },
  );

  it('need not be there', () => {
    expect([antiAffinityProblem(undefined), readAntiAffinity({ [REQUIRED]: {} })]).toEqual([
      undefined,
      { rule: 'required' },
    ]);
  });
});
