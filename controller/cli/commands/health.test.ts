import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { painter } from '../render/table.ts';
import { health, type JudgedObject } from './health.ts';

const STREAM = `
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: team}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: fraud, namespace: team, generation: 4}
spec: {replicas: 3}
status: {observedGeneration: 4, replicas: 3, updatedReplicas: 3, availableReplicas: 2}
`;
const LIST = {
  apiVersion: 'v1',
  kind: 'List',
  items: [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } },
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'b' }, spec: { paused: true } },
  ],
};

async function ask(text: string, format: 'text' | 'json' = 'json'): Promise<{ well: boolean; printed: string[] }> {
  const printed: string[] = [];
  const io = {
    read: (file: string) => (file === '-' ? Promise.resolve(text) : Promise.reject(new Error(`no such file ${file}`))),
    print: (line: string) => void printed.push(line),
    paint: painter(false),
  };
  return { well: await health(io, ['-'], format), printed };
}

const parsed = (lines: readonly string[]): JudgedObject[] => lines.map((line) => JSON.parse(line) as JudgedObject);

describe('health -f', () => {
  it('prints one JSON object for each object of a YAML stream, and says that not all is well', async () => {
    const { well, printed } = await ask(STREAM);
    expect(well).toBe(false);
    expect(parsed(printed)).toEqual([
      expect.objectContaining({
        status: 'Healthy',
        rule: 'none',
        kind: 'ConfigMap',
        namespace: 'team',
        name: 'settings',
      }),
      {
        status: 'Progressing',
        message: '2 of 3 pods are available',
        rule: 'deployment:available',
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        namespace: 'team',
        name: 'fraud',
      },
    ]);
  });

  it.each([
    ['JSON', JSON.stringify(LIST)],
    [
      'YAML',
      'apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n- {apiVersion: apps/v1, kind: Deployment, metadata: {name: b}, spec: {paused: true}}\n',
    ],
  ])('takes a List in %s apart; held objects are well', async (_, text) => {
    const { well, printed } = await ask(text);
    expect(well).toBe(true);
    expect(parsed(printed).map(({ status, name }) => [status, name])).toEqual([
      ['Healthy', 'a'],
      ['Suspended', 'b'],
    ]);
  });

  it('says so when a List is empty', async () => {
    expect(await ask('{"apiVersion":"v1","kind":"List","items":[]}', 'text')).toEqual({
      well: true,
      printed: ['no objects'],
    });
  });

  it('fits into 80 columns, with the reason below the object', async () => {
    const message = 'the revision failed because its container ended again and again before it was ready '.repeat(3);
    const gadget = {
      apiVersion: 'example.test/v1',
      kind: 'Gadget',
      metadata: { name: 'x' },
      status: { conditions: [{ type: 'Stalled', status: 'True', message }] },
    };
    const { printed } = await ask(`${STREAM}---\n${JSON.stringify(gadget)}`, 'text');
    const lines = printed.join('\n').split('\n');
    expect(lines.slice(0, 5)).toEqual([
      'STATUS       OBJECT AND WHY',
      'Healthy      ConfigMap team/settings',
      '             a ConfigMap like this says nothing about its health [none]',
      'Progressing  Deployment team/fraud (apps)',
      '             2 of 3 pods are available [deployment:available]',
    ]);
    expect(lines.at(-1)).toContain('[kstatus:stalled]');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it.each([
    ['nothing at all', '\n# only a comment\n', 'stdin has no object'],
    ['something else', 'a: 1\n', 'stdin:1: not an object of Kubernetes'],
    ['an object without a name', 'apiVersion: v1\nkind: Pod\nmetadata: {}\n', 'stdin:1: Pod has no metadata.name'],
    ['broken YAML', 'apiVersion: v1\nkind: [Pod\n', 'stdin:'],
    ['broken JSON', '{"apiVersion": "v1",', 'stdin:1'],
  ])('refuses %s', async (_, text, message) => {
    await expect(ask(text)).rejects.toThrow(message);
  });
});

describe('health --rules', () => {
  const application = (current: string): string =>
    JSON.stringify({
      apiVersion: 'slipway.dev/v1alpha1',
      kind: 'Application',
      metadata: { name: 'x' },
      spec: {
        source: { repoURL: 'https://git.example.com/x.git' },
        healthChecks: [
          { group: 'apps', kind: 'Deployment', current, message: 'spec.replicas == 3 ? "three" : "other"' },
        ],
      },
    });
  const ruled = async (rules: string): Promise<JudgedObject[]> => {
    const printed: string[] = [];
    const io = {
      read: (file: string) => Promise.resolve(file === '-' ? STREAM : rules),
      print: (line: string) => void printed.push(line),
      paint: painter(false),
    };
    await health(io, ['-'], 'json', 'rules.yaml');
    return parsed(printed);
  };

  it.each([
    ['an Application', `---\n${application('status.availableReplicas == 2')}\n---\n${STREAM}`],
    [
      'a map',
      'healthChecks: [{group: apps, kind: Deployment, current: status.availableReplicas == 2, message: "\'three\'"}]',
    ],
    ['a list', '- {group: apps, kind: Deployment, current: status.availableReplicas == 2, message: "\'three\'"}'],
  ])('judges by the rules of %s first', async (_, rules) => {
    expect((await ruled(rules)).map(({ status, rule, message }) => [status, rule, message])).toEqual([
      ['Healthy', 'none', expect.any(String)],
      ['Healthy', 'healthChecks[0]', 'three'],
    ]);
  });

  it.each([
    [
      'a bad expression',
      application('status.availableReplicas = 2'),
      'rules.yaml: spec.healthChecks[0].current is no CEL: ',
    ],
    ['a missing field', '- {kind: Pod}', 'rules.yaml: spec.healthChecks[0].current: is missing'],
    ['something else', STREAM, 'rules.yaml has no rules: pass one Application'],
    ['too much', `${application('true')}\n---\n${application('true')}`, 'rules.yaml has 2 documents with rules'],
    ['broken YAML', 'a: [', 'rules.yaml:1'],
  ])('refuses %s', async (_, rules, message) => {
    await expect(ruled(rules)).rejects.toThrow(message);
  });
});

describe('the plugin', () => {
  /** Runs the bundle as kubectl would, on a machine that knows no cluster. */
  function run(args: readonly string[], input: string): { status: number | null; stdout: string; stderr: string } {
    const env = { PATH: process.env['PATH'], HOME: '/nowhere', KUBECONFIG: '/nowhere/config', NO_COLOR: '1' };
    return spawnSync(process.execPath, ['dist/kubectl-slipway.js', 'health', ...args], {
      input,
      env,
      encoding: 'utf8',
    });
  }

  it('works without a kubeconfig, from standard input and from a file', () => {
    const bad = run(['-f', '-', '-o', 'json'], STREAM);
    expect(bad).toMatchObject({ status: 1, stderr: '' });
    expect(parsed(bad.stdout.trim().split('\n')).map(({ rule }) => rule)).toEqual(['none', 'deployment:available']);

    const good = run(['-f', 'crds/slipway.dev_rollouts.yaml', '--filename', '-'], JSON.stringify(LIST));
    expect(readFileSync('crds/slipway.dev_rollouts.yaml', 'utf8')).not.toContain('\nstatus:');
    expect(good.stdout).toContain('CustomResourceDefinition rollouts.slipway.dev');
    expect(good.stdout).toContain('Suspended    Deployment b (apps)');

    const missing = run(['-f', '/nowhere/x.yaml'], '');
    expect(missing).toMatchObject({ status: 2, stdout: '' });
    expect(missing.stderr).toMatch(/^error \(InputUnreadable\): \/nowhere\/x.yaml cannot be read: .*\n$/);

    expect(run([], '').status).toBe(2);
  });
});
