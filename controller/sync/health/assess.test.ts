import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { condition, DOCUMENTED, golden, healthTable } from '../../../test/health-table.ts';
import type { KubeObject } from '../../kube/types.ts';
import { assess, explainHealth } from './assess.ts';
import { RULES } from './rules.ts';
import { NO_USER_RULES } from './user-rules.ts';

const gadget = (status?: object): KubeObject => golden('example.test/v1', 'Gadget', status && { status });
const ready = condition('Ready', 'True', 'Done');
healthTable('kstatus', [
  ['ready', gadget({ conditions: [ready] }), 'Healthy', '-', 'Done'],
  ['observed', gadget({ observedGeneration: 2 }), 'Healthy', 'observed', 'generation 2'],
  ['not observed', gadget({ observedGeneration: 1, conditions: [ready] }), 'Progressing', 'generation', 'generation 2'],
  [
    'ready in an older generation',
    gadget({ conditions: [condition('Ready', 'True', '', '', 1)] }),
    'Progressing',
    'generation',
    'generation 1',
  ],
  [
    'not ready',
    gadget({ conditions: [condition('Ready', 'False', 'Issuing', 'soon')] }),
    'Progressing',
    'ready',
    'Issuing: soon',
  ],
  [
    'stalled',
    gadget({ conditions: [ready, condition('Stalled', 'True', 'Bad', 'spec')] }),
    'Degraded',
    'stalled',
    'Bad: spec',
  ],
  [
    'reconciling',
    gadget({ conditions: [ready, condition('Reconciling', 'True', 'Busy')] }),
    'Progressing',
    'reconciling',
    'Busy',
  ],
]);

const dying = { deletionTimestamp: 'now', finalizers: ['example.test/hold'] };
healthTable('any', [
  [
    'with finalizers',
    golden('v1', 'ConfigMap', { metadata: dying }),
    'Progressing',
    'deletion',
    'waiting for example.test/hold',
  ],
  [
    'a healthy Deployment',
    golden('apps/v1', 'Deployment', { spec: { replicas: 0 }, metadata: { deletionTimestamp: 'now' } }),
    'Progressing',
    'deletion',
    'being deleted',
  ],
]);

healthTable('none', [
  ['a ConfigMap', golden('v1', 'ConfigMap'), 'Healthy', '-', 'ConfigMap'],
  ['a status without conventions', gadget({ state: 'on' }), 'Healthy', '-', 'says nothing'],
]);

describe('the health in a status', () => {
  it('has the message only when something is not well', () => {
    expect(assess(gadget({ conditions: [ready] }), NO_USER_RULES)).toEqual({ status: 'Healthy' });
    expect(assess(gadget({ observedGeneration: 1 }), NO_USER_RULES)).toEqual({
      status: 'Progressing',
      message: expect.stringContaining('generation 2'),
    });
  });

  it('is absent for kinds that say nothing', () => {
    expect(assess(golden('v1', 'ConfigMap'), NO_USER_RULES)).toBeUndefined();
  });

  it('has one bounded line, whatever a controller wrote', () => {
    const long = gadget({ conditions: [condition('Ready', 'False', 'Bad', 'first\nsecond '.repeat(1000))] });
    const { message } = explainHealth(long);
    expect(message).toMatch(/^Bad: first second first .*…$/);
    expect(message.length).toBe(500);
  });

  it('is that of the group, not of a kind with the same name', () => {
    const foreign = golden('example.test/v1', 'Deployment', { status: { conditions: [ready] } });
    expect(explainHealth(foreign).rule).toBe('kstatus');
  });
});

describe('docs/reference/health.md', () => {
  const page = readFileSync('docs/reference/health.md', 'utf8');
  const rows = [...page.matchAll(/^\| (`[\w.-]+(?:\/\w+)?`(?:, `[\w./-]+`)*) \| `([a-z-]+)` \|$/gm)];
  const documented = rows.flatMap(([, kinds = '', rule]) =>
    kinds.split(', ').map((kind) => `${kind.replaceAll('`', '').replace(/^(?!.*\/)/, '/')} ${rule}`),
  );

  it('has every kind with the rule that judges it, and no other', () => {
    const known = [...RULES].map(([kind, { name }]) => `${kind} ${name}`);
    expect(documented.toSorted()).toEqual(known.toSorted());
  });

  it('has clauses only of rules that exist', () => {
    const names = new Set(['any', 'kstatus', 'none', ...[...RULES.values()].map(({ name }) => name)]);
    expect([...DOCUMENTED.keys()].filter((rule) => !names.has(rule.split(':')[0] ?? ''))).toEqual([]);
  });
});
