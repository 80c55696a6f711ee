import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Writes a configuration file, readable by its owner only, as a whole or not at all; leaves a file alone that already
 * says the same. Some programs (kube-proxy) end when their file is written to.
 */
export function writeConfiguration(path: string, content: string): void {
  if (readFileOrUndefined(path) === content) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, content, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** The text of a file; undefined if it cannot be read. */
export function readFileOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
