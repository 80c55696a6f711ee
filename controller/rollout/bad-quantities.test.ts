import { describe, expect, it } from 'vitest';
import { badQuantities } from './bad-quantities.ts';

const find = (spec: object) => badQuantities({ spec }, 'spec.template');

describe('finding what is no quantity in a pod template', () => {
  it('names the field and the value', () => {
    const resources = { limits: { memory: '1 Gig', cpu: 1 }, requests: { cpu: 'lots', 'nvidia.com/gpu': '1' } };
    expect(find({ containers: [{ name: 'a' }, { name: 'b', resources }] })).toEqual([
      { path: 'spec.template.spec.containers[1].resources.limits.memory', value: '1 Gig' },
      { path: 'spec.template.spec.containers[1].resources.requests.cpu', value: 'lots' },
    ]);
  });

  it('looks at size limits, divisors and overhead too', () => {
    expect(
      find({
        overhead: { cpu: [] },
        volumes: [{ name: 'v', emptyDir: { sizeLimit: '10Gb' } }],
        containers: [
          { env: [{ name: 'X', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: 'x' } } }] },
        ],
      }).map(({ path }) => path),
    ).toEqual([
      'spec.template.spec.overhead.cpu',
      'spec.template.spec.volumes[0].emptyDir.sizeLimit',
      'spec.template.spec.containers[0].env[0].valueFrom.resourceFieldRef.divisor',
    ]);
  });

  it('accepts every spelling that the API server accepts', () => {
    const good = ['1', '100m', '0.5', '.5', '5.', '1Gi', '1e3', '1E6', '1E', '+1', '12e-3', '10k', '3n'];
    expect(
      find({ containers: [{ resources: { limits: Object.fromEntries(good.map((q, i) => [`r${i}`, q])) } }] }),
    ).toEqual([]);
  });

  it('survives rubbish', () => {
    for (const spec of [undefined, null, 7, 'x', []]) expect(badQuantities({ spec }, 't')).toEqual([]);
    expect(badQuantities(undefined, 't')).toEqual([]);
    expect(find({ containers: [{ resources: { limits: 'none' } }] })).toEqual([]);
  });
});
