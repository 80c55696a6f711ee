import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { problemsMessage } from './cluster.ts';
import { folders } from './folders.ts';
import { checkPrerequisites, goProblem } from './prerequisites.ts';

test.each([undefined, '', 'command not found'])('no Go is a problem (%j)', (answer) => {
  expect(goProblem(answer)).toBe('there is no Go on the PATH: install Go 1.26 or newer');
});

test('an old Go is a problem, a newer one is not', () => {
  expect(goProblem('go1.25.3\n')).toBe('Go on the PATH is go1.25.3: install Go 1.26 or newer');
  expect(goProblem('go1.26.8\n')).toBeUndefined();
  expect(goProblem('go1.100')).toBeUndefined();
  expect(goProblem('go2.0')).toBeUndefined();
});

test('on a machine with nothing built and no Go, the problem names what needs it', () => {
  const cache = mkdtempSync(`${tmpdir()}/slipway-cache-`);
  const path = process.env['PATH'];
  try {
    process.env['PATH'] = '/nowhere';
    const problems = checkPrerequisites('api', folders({ SLIPWAY_CACHE: cache }));
    expect(problems).toContain(
      'there is no Go on the PATH: install Go 1.26 or newer (needed to build kube-apiserver, kube-controller-manager, etcd)',
    );
  } finally {
    process.env['PATH'] = path;
    rmSync(cache, { recursive: true });
  }
});

test('the message lists every problem and names the way out', () => {
  expect(problemsMessage('node', ['one', 'two'])).toBe(
    [
      'this machine cannot run a local cluster of profile node:',
      '  - one',
      '  - two',
      'Use a cluster that you have instead: --use-kubeconfig PATH (where the command has that option).',
    ].join('\n'),
  );
});
