import { expect, it } from 'vitest';
import { idNamed } from '../../test/applications.ts';
import { contentFailure } from './content-failure.ts';

it('an object that stands twice is named with both places, and comes before other problems', () => {
  const duplicates = [{ id: idNamed('a'), where: ['a.yaml:1', 'b.yaml:7'] as [string, string] }];
  const set = { duplicates, problems: ['c.yaml:1: no name'] };
  expect(contentFailure(set)).toEqual({
    code: 'ManifestDuplicate',
    message: 'ConfigMap team/a stands in a.yaml:1 and in b.yaml:7: remove one of them',
    retryable: false,
  });
  expect(contentFailure({ ...set, duplicates: [] })).toMatchObject({
    code: 'ManifestInvalid',
    message: 'c.yaml:1: no name',
  });
  expect(contentFailure({ ...set, duplicates: [], problems: [] })).toBeUndefined();
});
