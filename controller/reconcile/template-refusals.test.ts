import { describe, expect, it } from 'vitest';
import { KubeError } from '../kube/errors.ts';
import type { ReplicaSet } from '../rollout/snapshot.ts';
import { isRefusal, TemplateRefusals } from './template-refusals.ts';

const error = (message: string, status = 422, retryable = false): KubeError =>
  new KubeError('KubeInvalid', message, { status, reason: 'Invalid', retryable });

function replicaSet(name: string, spec: Record<string, unknown> = {}): ReplicaSet {
  const template = { spec };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name, namespace: 'ml' },
    spec: { selector: {}, template },
  };
}

describe('templates that the API server refused', () => {
  const invalid = error(
    'create replicasets ml/fraud-1: spec.template.spec.containers[1].name: Duplicate value: "server"',
  );

  it('are told in the words of the API server, which name the field', () => {
    const refusals = new TemplateRefusals();
    refusals.add('ml/fraud', replicaSet('fraud-1'), invalid, 0);
    expect(refusals.find('ml/fraud', replicaSet('fraud-1'), 0)).toEqual({
      message: 'spec.template.spec.containers[1].name: Duplicate value: "server"',
      forMs: 10_000,
    });
  });

  it('are told with the path of a quantity that cannot be parsed, which the API server does not name', () => {
    const refusals = new TemplateRefusals();
    const bad = replicaSet('fraud-1', { containers: [{ resources: { limits: { memory: '1 Gig' } } }] });
    refusals.add('ml/fraud', bad, error('quantities must match the regular expression', 400), 0);
    expect(refusals.find('ml/fraud', bad, 0)?.message).toBe(
      'spec.template.spec.containers[0].resources.limits.memory: "1 Gig" is not a quantity; write for example 500m or 1Gi',
    );
  });

  it('are tried again with growing pauses, since an admission rule may change', () => {
    const refusals = new TemplateRefusals();
    let now = 0;
    for (const pause of [10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]) {
      refusals.add('ml/fraud', replicaSet('fraud-1'), invalid, now);
      expect(refusals.find('ml/fraud', replicaSet('fraud-1'), now)?.forMs).toBe(pause);
      now += pause;
      expect(refusals.find('ml/fraud', replicaSet('fraud-1'), now)).toBeUndefined();
    }
  });

  it('say nothing about another template or another Rollout', () => {
    const refusals = new TemplateRefusals();
    refusals.add('ml/fraud', replicaSet('fraud-1'), invalid, 0);
    expect(refusals.find('ml/fraud', replicaSet('fraud-2'), 0)).toBeUndefined();
    expect(refusals.find('ml/other', replicaSet('fraud-1'), 0)).toBeUndefined();
    refusals.add('ml/fraud', replicaSet('fraud-2'), invalid, 0);
    expect(refusals.find('ml/fraud', replicaSet('fraud-2'), 0)?.forMs).toBe(10_000);
  });

  it('are told from a request that failed for another cause', () => {
    expect(isRefusal(invalid)).toBe(true);
    expect(isRefusal(error('strict decoding error: unknown field', 400))).toBe(true);
    expect(isRefusal(error('forbidden', 403))).toBe(false);
    expect(isRefusal(error('too many', 429, true))).toBe(false);
    expect(isRefusal(new Error('reset'))).toBe(false);
  });
});
