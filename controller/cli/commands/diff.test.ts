import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { ComparedObject } from '../render/differences.ts';
import { painter } from '../render/table.ts';
import { diff } from './diff.ts';

const DESIRED = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: fraud, namespace: team}
spec: {replicas: 3}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {a: b}
---
apiVersion: v1
kind: Service
metadata: {name: fraud, namespace: team}
`;
const TRACKED = '{slipway.dev/tracking-id: "team_fraud:/ConfigMap:team/old"}';
const LIVE = `
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: team}, data: {a: b}}
- {apiVersion: v1, kind: ConfigMap, metadata: {name: old, namespace: team, annotations: ${TRACKED}}}
- {apiVersion: v1, kind: ConfigMap, metadata: {name: foreign, namespace: team}}
- {apiVersion: apps/v1, kind: Deployment, metadata: {name: fraud, namespace: team}, spec: {replicas: 2, paused: true}}
`;

async function compare(
  desired: string,
  live: string,
  format: 'text' | 'json' = 'text',
): Promise<{ same: boolean; printed: string[] }> {
  const printed: string[] = [];
  const io = {
    read: (file: string) => Promise.resolve(file === 'desired' ? desired : live),
    print: (line: string) => void printed.push(...line.split('\n')),
    paint: painter(false),
  };
  return { same: await diff(io, { desired: 'desired', live: 'live' }, format), printed };
}

const gadget = (spec: object): string =>
  JSON.stringify({ apiVersion: 'example.test/v1', kind: 'Gadget', metadata: { name: 'x' }, spec });

describe('diff', () => {
  it('pairs the objects of two files, and shows each field that differs', async () => {
    expect(await compare(DESIRED, LIVE)).toEqual({
      same: false,
      printed: [
        'Deployment team/fraud: 1 field differs',
        '  spec.replicas: 2 -> 3',
        'Service team/fraud: not in the cluster, would be created',
        'ConfigMap team/old: not in Git, would be pruned',
        '1 same, 1 different, 1 to create, 1 not in Git',
      ],
    });
  });

  it('prints one JSON object for each object', async () => {
    const { printed } = await compare(DESIRED, LIVE, 'json');
    expect(printed.map((line) => JSON.parse(line) as ComparedObject)).toEqual([
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        namespace: 'team',
        name: 'fraud',
        state: 'different',
        differences: [{ path: 'spec.replicas', change: 'change', live: 2, desired: 3 }],
      },
      expect.objectContaining({
        kind: 'ConfigMap',
        namespace: 'team',
        name: 'settings',
        state: 'same',
        differences: [],
      }),
      expect.objectContaining({ kind: 'Service', state: 'missing' }),
      expect.objectContaining({ kind: 'ConfigMap', name: 'old', state: 'leftover' }),
    ]);
  });

  it('says that all is the same', async () => {
    const live = gadget({ a: 1, b: 2 });
    expect(await compare(gadget({ a: 1 }), live)).toEqual({ same: true, printed: ['1 same'] });
  });

  it('fits into 80 columns, and shows of long texts the part that differs', async () => {
    const long = 'x'.repeat(400);
    const { printed } = await compare(
      gadget({ text: `${long}1${long}`, list: [{ name: long }], line: `a\n${String.fromCharCode(27)}[31m` }),
      gadget({ text: `${long}2${long}`, line: 'a' }),
    );
    expect(Math.max(...printed.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(printed).toContainEqual(expect.stringMatching(/^ {4}- …"x{20}2x+…$/));
    expect(printed).toContainEqual(expect.stringMatching(/^ {4}\+ …"x{20}1x+…$/));
    expect(printed).toContain('  spec.line: "a" -> "a\\n\\u001b[31m"');
  });

  it.each([
    [
      'a manifest that fits two objects',
      DESIRED,
      `${LIVE}- {apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: other}, data: {a: b}}`,
      'ConfigMap settings could be any of 2 live objects: give it metadata.namespace',
    ],
    ['an object that stands in a file twice', `${DESIRED}---${DESIRED}`, LIVE, 'Deployment team/fraud occurs twice'],
    ['a file without an object', '# nothing\n', LIVE, 'desired has no object'],
    ['what is no object', 'a: b\n', LIVE, 'desired:1: not an object of Kubernetes'],
  ])('refuses %s', async (_, desired, live, message) => {
    await expect(compare(desired, live)).rejects.toThrow(message);
  });
});

describe('the plugin', () => {
  /** Runs the bundle as kubectl would, on a machine that knows no cluster. */
  function run(args: readonly string[], input: string): { status: number | null; stdout: string; stderr: string } {
    const env = { PATH: process.env['PATH'], HOME: '/nowhere', KUBECONFIG: '/nowhere/config', NO_COLOR: '1' };
    return spawnSync(process.execPath, ['dist/kubectl-slipway.js', 'diff', ...args], { input, env, encoding: 'utf8' });
  }
  const sample = 'crds/samples/rollout.yaml';

  it('works without a kubeconfig, and says by its exit code whether all is the same', () => {
    expect(run(['--desired', sample, '--live', sample], '')).toEqual(
      expect.objectContaining({ status: 0, stdout: '1 same\n', stderr: '' }),
    );
    const missing = run(['--desired', sample, '--live', '-'], '{"apiVersion":"v1","kind":"List","items":[]}');
    expect(missing).toMatchObject({ status: 1, stderr: '' });
    expect(missing.stdout).toContain('not in the cluster, would be created');
    expect(run(['--desired', '-', '--live', '-'], '')).toMatchObject({ status: 2, stdout: '' });
    expect(run(['--desired', '/nowhere/x.yaml', '--live', sample], '')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('error (InputUnreadable): /nowhere/x.yaml cannot be read'),
    });
    expect(run(['--help'], '').stdout).toContain('--show-managed-fields');
  });
});
