// Bundles everything that is run: the controller, its git worker, the kubectl plugin, and the programs of e2e/.
// Node 20 cannot strip types, and a bundle starts twice as fast as the module tree (docs/adr/0005-bundles.md).
import { existsSync } from 'node:fs';
import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';

const quiet = process.argv.includes('--quiet');
const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1] : undefined;

const entries = {
  slipway: 'controller/main.ts',
  'git-worker': 'controller/git/worker.ts',
  'kubectl-slipway': 'controller/cli/main.ts',
  'e2e/bench': 'e2e/bench/main.ts',
  'e2e/cluster': 'e2e/cluster/main.ts',
  'e2e/demo': 'e2e/journeys/demo.ts',
  'e2e/pod-targets': 'e2e/journeys/pod-targets.ts',
  'test/simulate': 'test/simulate/worker.ts',
  'tools/generate': 'tools/generate.ts',
  'tools/generate-built-in': 'tools/generate-built-in.ts',
};

const wanted = Object.entries(entries).filter(
  ([name, file]) => existsSync(file) && (only === undefined || name.startsWith(`${only}/`)),
);
if (process.argv.includes('--clean')) await rm('dist', { recursive: true, force: true });
await build({
  entryPoints: Object.fromEntries(wanted),
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: true,
  logLevel: quiet ? 'warning' : 'info',
  // Some dependencies are CommonJS and call require() for Node built-ins.
  banner: {
    js: "#!/usr/bin/env node\nimport { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
});
// esbuild leaves comments, patterns and templates as they are. One character beyond Latin-1 in them, and V8 keeps the whole
// source, which is megabytes, with two bytes for each character.
for (const [name] of wanted) {
  const file = `dist/${name}.js`;
  const text = await readFile(file, 'utf8');
  const ascii = text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  if (ascii !== text) await writeFile(file, ascii);
}
for (const [name] of wanted) await chmod(`dist/${name}.js`, 0o755);
