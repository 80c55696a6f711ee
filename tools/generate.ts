import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { generateDocs } from './crd-docs.ts';
import { generateOwnTypes } from './crd-merge.ts';
import { generateSchemas } from './crd-schemas.ts';
import { generateTypes } from './crd-types.ts';
import { generateReasons } from './reason-docs.ts';

const check = process.argv.includes('--check');
let drifted = 0;

/** Writes one generated file, or with --check reports that it is out of date. */
function emit(path: string, text: string): void {
  let current = '';
  try {
    current = readFileSync(path, 'utf8');
  } catch {
    // A file that does not exist yet is out of date.
  }
  if (current === text) return;
  if (check) {
    console.error(`${path} is out of date: run npm run generate`);
    drifted += 1;
  } else {
    writeFileSync(path, text);
    console.log(`wrote ${path}`);
  }
}

const crds = readdirSync('crds')
  .filter((name) => name.endsWith('.yaml'))
  .map((file) => parse(readFileSync(join('crds', file), 'utf8')));
for (const crd of crds) {
  emit(join('controller/api/generated', `${crd.spec.names.singular}.ts`), generateTypes(crd));
  emit(join('docs/reference/crds', `${crd.spec.names.singular}.md`), generateDocs(crd));
}
emit('controller/api/generated/own-types.ts', generateOwnTypes(crds));
emit('controller/api/generated/schemas.ts', generateSchemas(crds));
emit('docs/reference/reasons.md', generateReasons(readFileSync('controller/api/reasons.ts', 'utf8')));
process.exitCode = drifted === 0 ? 0 : 1;
