import type { KubeObject } from '../kube/types.ts';
import { ManifestError } from '../manifest/errors.ts';
import { shapeOf } from '../manifest/object-shape.ts';
import { parseYaml } from '../manifest/yaml-profile.ts';
import { messageOf, SlipwayError } from '../platform/errors.ts';
import type { LocalIo } from './cli.ts';

/** `kubectl get -A -o yaml` of a whole cluster is larger than any manifest in Git. */
const LIMITS = { maxBytes: 64 * 1024 * 1024, maxDocuments: 100_000, maxDepth: 200 };

/**
 * The objects of a file, or of standard input for `-`: a YAML stream or a JSON document, Lists taken apart. Throws SlipwayError
 * `InputUnreadable`, and ManifestError for what is no object.
 */
export async function readObjects(io: LocalIo, file: string): Promise<KubeObject[]> {
  return parseObjects(await readInput(io, file), inputName(file));
}

/** How an input is called in messages. */
export function inputName(file: string): string {
  return file === '-' ? 'stdin' : file;
}

/** The text of an input. Throws SlipwayError `InputUnreadable`. */
export async function readInput(io: LocalIo, file: string): Promise<string> {
  try {
    return await io.read(file);
  } catch (error) {
    throw new SlipwayError('InputUnreadable', `${file} cannot be read: ${messageOf(error)}`);
  }
}

function parseObjects(text: string, file: string): KubeObject[] {
  const objects: KubeObject[] = [];
  const add = (value: unknown, line: number, itemLines: readonly number[]): void => {
    const shape = shapeOf(value);
    switch (shape.kind) {
      case 'object':
        objects.push(shape.object);
        return;
      case 'list':
        for (const [n, item] of shape.items.entries()) add(item, itemLines[n] ?? line, []);
        return;
      case 'foreign':
        throw new ManifestError('ManifestInvalid', { file, line }, `not an object of Kubernetes: ${shape.reason}`);
      case 'wrong':
        throw new ManifestError('ManifestInvalid', { file, line }, shape.why);
    }
  };
  const documents = parse(text, file);
  if (documents.length === 0) throw new SlipwayError('InputUnreadable', `${file} has no object: pass YAML or JSON`);
  for (const { value, line, itemLines } of documents) add(value, line, itemLines);
  return objects;
}

function parse(text: string, file: string): { value: unknown; line: number; itemLines: readonly number[] }[] {
  // JSON.parse takes a hundredth of the time, which a whole cluster's objects need; its errors name no line.
  if (text.trimStart().startsWith('{')) {
    try {
      return [{ value: JSON.parse(text), line: 1, itemLines: [] }];
    } catch {}
  }
  return parseYaml(text, file, LIMITS);
}
