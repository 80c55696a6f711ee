import { describe, expect, it } from 'vitest';
import { errorFromAnswer } from './errors.ts';
import { immutableFields } from './immutable.ts';

describe('immutableFields', () => {
  it.each([
    ['spec.selector', 'Invalid value: {"matchLabels":{"a":"b: c"}}: field is immutable', 'field is immutable'],
    ['spec.clusterIPs[0]', 'Invalid value: ["10.0.0.9"]: may not change once set', 'may not change once set'],
    ['roleRef', 'Invalid value: {"kind":"Role"}: cannot change roleRef', 'cannot change roleRef'],
    ['value', 'Forbidden: may not be changed in an update.', 'may not be changed in an update.'],
    ['parameters', 'Forbidden: updates to parameters are forbidden.', 'updates to parameters are forbidden.'],
    [
      'spec',
      'Forbidden: spec is immutable after creation except resources.requests for bound claims\n  StorageClassName: "secret"',
      'spec is immutable after creation except resources.requests for bound claims',
    ],
    [
      'spec',
      "Forbidden: updates to statefulset spec for fields other than 'replicas', 'template' are forbidden",
      "updates to statefulset spec for fields other than 'replicas', 'template' are forbidden",
    ],
  ])('names %s without its value', (field, message, why) => {
    expect(immutableFields(422, [{ field, message }], '')).toEqual([{ field, why }]);
  });

  it.each([
    [
      'another cause',
      422,
      [{ field: 'spec.replicas', message: 'Invalid value: -1: must be greater than or equal to 0' }],
    ],
    [
      'one of two causes',
      422,
      [
        { field: 'a', message: 'field is immutable' },
        { field: 'b', message: 'Required value' },
      ],
    ],
    ['a value', 422, [{ field: 'a', message: 'Invalid value: "it is immutable: x": must be short' }]],
    ['an error of the server', 500, [{ field: 'a', message: 'field is immutable' }]],
  ])('does not count %s', (_, status, causes) => {
    expect(immutableFields(status, causes, 'x')).toEqual([]);
  });

  it('knows the words of a webhook', () => {
    const message = 'admission webhook "v.example.com" denied the request: spec.x is immutable';
    expect(immutableFields(403, [], message)).toEqual([{ field: '', why: 'spec.x is immutable' }]);
  });

  it('does not take the name of a policy or object for that', () => {
    const right =
      'deployments.apps "w" is forbidden: User "u" cannot update resource "deployments" in API group "apps"';
    expect(immutableFields(403, [], right)).toEqual([]);
    const message = `configmaps "immutable" is forbidden: Policy 'app-immutable' denied request: none may be made`;
    expect(immutableFields(422, [], message)).toEqual([]);
  });

  it('knows it of a Secret, of which nothing else is shown', () => {
    const causes = [
      { reason: 'FieldValueInvalid', field: 'type', message: 'Invalid value: "hunter2": field is immutable' },
    ];
    const body = { reason: 'Invalid', message: 'type: hunter2', details: { causes } };
    const error = errorFromAnswer({ verb: 'apply', resource: 'secrets', key: 'a/b' }, 422, body);
    expect(error.immutable).toEqual([{ field: 'type', why: '' }]);
    expect(JSON.stringify(error)).not.toContain('hunter2');
  });
});
