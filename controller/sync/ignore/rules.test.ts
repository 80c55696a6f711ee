import { describe, expect, it } from 'vitest';
import type { Application } from '../../api/generated/application.ts';
import { ignoredOf, ignoreProblem, ignoreRules } from './rules.ts';

type Items = NonNullable<Application['spec']['ignoreDifferences']>;
const application = (ignoreDifferences?: Items): Application =>
  ({ kind: 'Application', metadata: { name: 'a' }, spec: { source: {}, ignoreDifferences } }) as unknown as Application;

describe('ignoreRules', () => {
  const deployment = { group: 'apps', kind: 'Deployment', namespace: 'team', name: 'api' };
  const jsonPointers = ['/spec/replicas'];
  it.each<[item: Omit<Items[number], 'jsonPointers'>, counts: boolean]>([
    [{ group: 'apps', kind: 'Deployment' }, true],
    [{ group: '*', kind: '*' }, true],
    [{ kind: 'Deployment' }, false],
    [{ group: 'apps', kind: 'StatefulSet' }, false],
    [{ group: 'apps', kind: 'Deployment', name: 'api', namespace: 'team' }, true],
    [{ group: 'apps', kind: 'Deployment', name: 'other' }, false],
    [{ group: 'apps', kind: 'Deployment', namespace: 'other' }, false],
  ])('%j: %s', (item, counts) => {
    const parsed = ignoreRules(application([{ ...item, jsonPointers }]));
    expect(parsed.ok && ignoredOf(parsed.rules, deployment).paths.length).toBe(counts ? 1 : 0);
  });
});

describe('ignoreProblem', () => {
  it('is undefined without rules', () => {
    expect(ignoreProblem(application())).toBeUndefined();
  });
  it('names the field', () => {
    const items: Items = [
      { kind: 'A', jsonPointers: ['/a'] },
      { kind: 'B', jqPathExpressions: ['.a', '.a | keys'] },
    ];
    expect(ignoreProblem(application(items))).toMatch(/^spec\.ignoreDifferences\[1\]\.jqPathExpressions\[1\] is not/);
  });
  it.each(['/kind', '/apiVersion', '/metadata', '/metadata/name', '/metadata/managedFields'])(
    'refuses %s',
    (pointer) => {
      expect(ignoreProblem(application([{ kind: 'A', jsonPointers: [pointer] }]))).toMatch(
        /^spec\.ignoreDifferences\[0\]\.jsonPointers\[0\] would ignore what says which object it is; name a field/,
      );
    },
  );
  it('refuses our own manager', () => {
    const items: Items = [{ kind: 'A', managedFieldsManagers: ['other', 'slipway'] }];
    expect(ignoreProblem(application(items))).toMatch(
      /^spec\.ignoreDifferences\[0\]\.managedFieldsManagers\[1\] would ignore all that Git says/,
    );
  });
  it.each(['/metadata/labels/x', '/metadata/annotations', '/spec'])('takes %s', (pointer) => {
    expect(ignoreProblem(application([{ kind: 'A', jsonPointers: [pointer] }]))).toBeUndefined();
  });
});
