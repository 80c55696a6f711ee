import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { condition, golden } from '../../../test/health-table.ts';
import type { Application } from '../../api/generated/application.ts';
import type { KubeObject } from '../../kube/types.ts';
import { assess, explainHealth } from './assess.ts';
import { NO_USER_RULES, userRules, userRulesProblem } from './user-rules.ts';

function withRules(...healthChecks: readonly object[]): Application {
  const spec = {
    source: { repoURL: 'https://git.example.com/x.git', path: '.', targetRevision: 'HEAD' },
    healthChecks,
  };
  return {
    apiVersion: 'slipway.dev/v1alpha1',
    kind: 'Application',
    metadata: { name: 'x' },
    spec,
  } as unknown as Application;
}

const WIDGET = {
  group: 'example.test',
  kind: 'Widget',
  current: "status.phase == 'Ready' && status.replicas >= spec.replicas",
  inProgress: "status.phase in ['Pending', 'Building']",
  failed: "status.conditions.exists(c, c.type == 'Broken' && c.status == 'True')",
  suspended: 'spec.paused',
  message: "status.phase + ': ' + status.conditions[0].message",
};
const widget = (status?: object, spec: object = {}, metadata: object = {}): KubeObject =>
  golden('example.test/v1', 'Widget', { metadata, spec: { replicas: 2, ...spec }, ...(status && { status }) });
const broken = condition('Broken', 'True', 'Oops', 'it fell');

describe('spec.healthChecks', () => {
  const rules = userRules(withRules(WIDGET));
  it.each([
    [
      'current',
      widget({ phase: 'Ready', replicas: 2 }),
      'Healthy',
      'healthChecks[0]',
      'current is true: status.phase ==',
    ],
    ['in progress', widget({ phase: 'Pending' }), 'Progressing', 'healthChecks[0]:in-progress', 'inProgress is true'],
    [
      'failed',
      widget({ phase: 'Ready', replicas: 2, conditions: [broken] }),
      'Degraded',
      'healthChecks[0]:failed',
      'Ready: it fell',
    ],
    [
      'suspended',
      widget({ phase: 'Ready', conditions: [broken] }, { paused: true }),
      'Suspended',
      'healthChecks[0]:suspended',
      'Ready: it fell',
    ],
    [
      'no status',
      widget(),
      'Progressing',
      'healthChecks[0]:pending',
      'none of suspended, inProgress, failed, current is true yet',
    ],
    [
      'an older generation',
      widget({ phase: 'Ready', replicas: 2, observedGeneration: 1 }),
      'Progressing',
      'healthChecks[0]:generation',
      'generation 2',
    ],
    [
      'being deleted',
      widget({ phase: 'Ready', replicas: 2 }, {}, { deletionTimestamp: 'now' }),
      'Progressing',
      'any:deletion',
      'being deleted',
    ],
    [
      'text for a number',
      widget({ phase: 'Ready', replicas: 'two' }),
      'Unknown',
      'healthChecks[0]:error',
      'spec.healthChecks[0].current failed: no such overload',
    ],
    [
      'no bool',
      widget({}, { paused: 'yes' }),
      'Unknown',
      'healthChecks[0]:error',
      'spec.healthChecks[0].suspended gives text, not true or false',
    ],
    [
      'too large',
      widget({ phase: new Array(60_000).fill(0) }),
      'Unknown',
      'healthChecks[0]:error',
      'spec.healthChecks[0] cannot judge it: the object has more than 50000 values',
    ],
  ])('%s', (_, object, status, rule, message) => {
    const verdict = explainHealth(object, rules);
    expect(verdict).toMatchObject({ status, rule });
    expect(verdict.message).toContain(message);
  });

  it('comes before the built-in rule of the kind, and before none of another group', () => {
    const paused = { kind: 'Deployment', group: 'apps', current: 'true' };
    const deployment = golden('apps/v1', 'Deployment', { spec: { paused: true } });
    expect(explainHealth(deployment).rule).toBe('deployment:paused');
    expect(explainHealth(deployment, userRules(withRules(WIDGET, paused)))).toMatchObject({
      status: 'Healthy',
      rule: 'healthChecks[1]',
    });
    expect(explainHealth(deployment, userRules(withRules({ ...paused, group: 'example.test' }))).rule).toBe(
      'deployment:paused',
    );
  });

  it('judges an object anew by other rules, and the same rules are the same', () => {
    const object = widget({ phase: 'Ready', replicas: 2 });
    expect(assess(object, NO_USER_RULES)).toBeUndefined();
    expect(assess(object, userRules(withRules(WIDGET)))).toEqual({ status: 'Healthy' });
    const strict = userRules(withRules({ ...WIDGET, current: 'status.replicas > 5' }));
    expect(assess(object, strict)?.status).toBe('Progressing');
    expect(userRules(withRules({ ...WIDGET }))).toBe(rules);
  });

  it('keeps the health when only the message fails', () => {
    const odd = userRules(withRules({ ...WIDGET, message: "'x' + spec.replicas" }));
    expect(explainHealth(widget({ phase: 'Pending' }), odd)).toMatchObject({
      status: 'Progressing',
      message: expect.stringContaining('spec.healthChecks[0].message failed: no such overload'),
    });
    const number = userRules(withRules({ ...WIDGET, message: 'spec.replicas' }));
    expect(explainHealth(widget({ phase: 'Pending' }), number).message).toContain('gives a number, not text');
  });
});

describe('a wrong rule', () => {
  it.each([
    ['syntax', [{ ...WIDGET, current: 'status.phase ==' }], 'spec.healthChecks[0].current is no CEL: '],
    [
      'a name',
      [WIDGET, { kind: 'Gizmo', current: 'true', failed: 'stauts.x' }],
      'spec.healthChecks[1].failed is refused: Unknown variable: stauts',
    ],
    ['a type', [{ ...WIDGET, message: '1 + 1' }], 'spec.healthChecks[0].message gives int, not text'],
    [
      'a regular expression',
      [{ ...WIDGET, failed: "status.phase.matches('a')" }],
      'spec.healthChecks[0].failed calls matches()',
    ],
    [
      'a kind without data',
      [{ kind: 'Secret', current: 'true' }],
      'spec.healthChecks[0].kind Secret cannot have a rule: the data of such objects is not kept',
    ],
    [
      'a kind twice',
      [WIDGET, WIDGET],
      'spec.healthChecks[1] speaks of the same group and kind Widget as spec.healthChecks[0]',
    ],
  ])('is named: %s', (_, items, problem) => {
    expect(userRulesProblem(withRules(...items))).toContain(problem);
    expect(userRulesProblem(withRules(...items))).not.toContain('\n');
  });

  it('judges its kind Unknown, and no other', () => {
    const rules = userRules(
      withRules({ ...WIDGET, current: 'nope' }, { kind: 'Gizmo', group: 'example.test', current: 'true' }),
    );
    expect(explainHealth(widget({ phase: 'Ready' }), rules)).toMatchObject({
      status: 'Unknown',
      rule: 'healthChecks[0]:invalid',
    });
    expect(explainHealth(golden('example.test/v1', 'Gizmo'), rules).status).toBe('Healthy');
  });

  it('is none where the spec cannot be read at all', () => {
    expect(userRulesProblem({ ...withRules(), spec: undefined } as unknown as Application)).toBeUndefined();
    expect(userRules(withRules({ kind: 7 }))).toBe(NO_USER_RULES);
  });
});

it('says something of any object', () => {
  const rules = userRules(withRules(WIDGET));
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (spec, status) => {
      const object = { ...widget(), spec, status } as KubeObject;
      expect(explainHealth(object, rules).message).toMatch(/^\S[^\n]*$/);
    }),
  );
});
