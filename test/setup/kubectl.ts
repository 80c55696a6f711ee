import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { inject } from 'vitest';
import { programPath } from '../../e2e/cluster/build.ts';
import { folders } from '../../e2e/cluster/folders.ts';

/** Runs the real kubectl against the run's API server, with `input` as what it reads by `-f -`. Returns what it printed. */
export async function kubectl(args: readonly string[], input = ''): Promise<string> {
  const all = ['--kubeconfig', inject('kubeconfig'), ...args];
  const running = promisify(execFile)(programPath('kubectl', folders()), all);
  running.child.stdin?.end(input);
  return (await running).stdout;
}
