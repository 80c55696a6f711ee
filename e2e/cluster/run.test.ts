import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lastLines, run } from './run.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-run-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('returns what the command printed', async () => {
  expect(await run('sh', ['-c', 'echo out; echo err >&2'])).toBe('out\n');
  expect(await run('cat', [], { input: 'text' })).toBe('text');
});

test('a failed build says what was built, the command, its last lines and where the whole log is', async () => {
  const logFile = join(folder, 'etcd.log');
  const script = 'for i in $(seq 1 40); do echo "line $i"; done; echo "undefined: foo" >&2; exit 3';
  const failure = run('sh', ['-c', script], { cwd: folder, logFile, purpose: 'building etcd 3.6.16' });
  await expect(failure).rejects.toThrow(/^building etcd 3\.6\.16 failed \(exit code 3\)\n {2}command: sh -c 'for i in/);
  const message = await failure.catch((error: Error) => error.message);
  expect(message).toContain(`  in:      ${folder}`);
  expect(message).toContain('    undefined: foo');
  expect(message).not.toContain('line 20\n');
  expect(message).toMatch(new RegExp(`  full log: ${logFile}$`));
  expect(readFileSync(logFile, 'utf8')).toContain('line 1\n');
});

test('a program that is not there is a failure like any other', async () => {
  await expect(run('no-such-program', ['x'])).rejects.toThrow('no-such-program failed (spawn no-such-program ENOENT)');
});

test('the last lines are those that say something', () => {
  expect(lastLines('a\n\n  \nb\nc\n', 2)).toEqual(['b', 'c']);
});
