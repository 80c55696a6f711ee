import { execFileSync } from 'node:child_process';

/** Tests run what ships: worker threads and child processes load the bundles in dist/. */
export function setup(): void {
  execFileSync(process.execPath, ['tools/build.js', '--quiet'], { stdio: 'inherit' });
}
