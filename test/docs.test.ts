import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Every source file of the controller that is not a test. */
function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Codes as the code writes them: members of a `…ErrorCode` union, or the first argument of an error. */
function codesIn(text: string): string[] {
  const unions = [...text.matchAll(/type \w*ErrorCode\s*=([^;]+);/g)].flatMap(([, body]) => [
    ...(body ?? '').matchAll(/'(\w+)'/g),
  ]);
  // What is caught by the layer above and never shown has no page.
  const internal = new Set(['HttpFailure']);
  const thrown = text.matchAll(/(?:new (?:Slipway|Kube)Error|super)\(\s*'([A-Z]\w+)'/g);
  return [...unions, ...thrown].map((match) => match[1] ?? '').filter((code) => !internal.has(code));
}

describe('docs/reference/errors.md', () => {
  const documented = [...readFileSync('docs/reference/errors.md', 'utf8').matchAll(/^\| `(\w+)` \|/gm)].map(
    (m) => m[1],
  );
  const used = new Set(sources('controller').flatMap((file) => codesIn(readFileSync(file, 'utf8'))));

  it('has every code that the program can show', () => {
    expect([...used].filter((code) => !documented.includes(code)).sort()).toEqual([]);
  });

  it('has no code that the program no longer knows', () => {
    expect(documented.filter((code) => code !== undefined && !used.has(code))).toEqual([]);
  });

  it('has each code once', () => {
    expect(documented.length).toBe(new Set(documented).size);
  });
});

describe('links between the pages', () => {
  const pages = [
    'README.md',
    'CONTRIBUTING.md',
    ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
      .filter((f) => f.endsWith('.md'))
      .map((f) => join('docs', f)),
  ];

  it.each(pages)('%s links only to files that exist', (page) => {
    const targets = [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)/g)].map(
      (m) => m[1] ?? '',
    );
    const missing = targets.filter((target) => {
      try {
        readdirSync(join(page, '..', target));
        return false;
      } catch (error) {
        return (error as NodeJS.ErrnoException).code === 'ENOENT';
      }
    });
    expect(missing).toEqual([]);
  });
});
