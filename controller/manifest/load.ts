import type { KubeObject } from '../kube/types.ts';
import { Lru } from '../platform/lru.ts';
import { describePosition, ManifestError } from './errors.ts';
import { describeId, formatObjectId, idOf } from './identity.ts';
import { shapeOf } from './object-shape.ts';
import { otherTool } from './other-tools.ts';
import { DEFAULT_YAML_LIMITS, parseYaml, type YamlLimits } from './yaml-profile.ts';

/** Which files of a directory hold manifests; the same as in Argo CD, without Jsonnet. */
export const MANIFEST_SUFFIXES: readonly string[] = ['.yaml', '.yml', '.json'];

/** A file as Git gives it. */
export interface ManifestFile {
  path: string;
  /** Equal ids mean equal text; without one the file is parsed each time. */
  blobId?: string;
  text: string;
}

export interface LoadedObject {
  /** Shared and frozen: derive, do not change. */
  object: KubeObject;
  file: string;
  /** Line where the object starts, from 1. */
  line: number;
}

/** A document that was left out because it is not meant for Kubernetes; worth a warning, since Argo CD says nothing. */
export interface SkippedDocument {
  file: string;
  line: number;
  reason: string;
  /** metadata.name and metadata.namespace, should the document have them like an object. */
  name?: string;
  namespace?: string;
}

export interface LoadResult {
  /** In order of file and position. */
  objects: LoadedObject[];
  skipped: SkippedDocument[];
}

export interface LoadOptions {
  memo?: ManifestMemo;
  /** Namespace of objects that name none, to notice that two of them are the same object. */
  defaultNamespace?: string;
  limits?: YamlLimits;
}

/**
 * Turns files into objects. All or nothing: the first mistake throws a {@link ManifestError} that names the file and line and
 * says how many more files have one, because a set of objects with holes must never reach a comparison that prunes. Files
 * without a manifest's suffix are not looked at; `kind: List` is flattened; the same object twice is an error.
 */
export function loadManifests(files: readonly ManifestFile[], options: LoadOptions = {}): LoadResult {
  const result: LoadResult = { objects: [], skipped: [] };
  const errors: ManifestError[] = [];
  for (const file of files) {
    if (!MANIFEST_SUFFIXES.some((suffix) => file.path.endsWith(suffix))) continue;
    try {
      const tool = otherTool(file.path);
      if (tool !== undefined) throw new ManifestError('ManifestInvalid', { file: file.path, line: 1 }, tool);
      const parsed = parseFile(file, options);
      for (const { object, line } of parsed.objects) result.objects.push({ object, file: file.path, line });
      for (const document of parsed.skipped) result.skipped.push({ file: file.path, ...document });
    } catch (error) {
      if (!(error instanceof ManifestError)) throw error;
      errors.push(error);
    }
  }
  const [first, ...more] = errors;
  if (first !== undefined) {
    if (more.length === 0) throw first;
    const where = describePosition(first.position);
    const text = first.message.slice(where.length + 2);
    throw new ManifestError(
      first.code,
      first.position,
      `${text} (and ${more.length} more ${more.length === 1 ? 'file has' : 'files have'} a mistake)`,
    );
  }
  refuseDuplicates(result.objects, options.defaultNamespace ?? '');
  return result;
}

interface ParsedFile {
  objects: readonly { object: KubeObject; line: number }[];
  skipped: readonly Omit<SkippedDocument, 'file'>[];
}

/** Remembers what files were parsed to, so that a commit costs what it changes. Bounded by the size of the texts. */
export class ManifestMemo {
  readonly #parsed: Lru<string, { parsed: ParsedFile; bytes: number }>;

  /** @param maxBytes size of the texts whose objects are kept; the objects take several times as much. */
  constructor(maxBytes = 32 * 1024 * 1024) {
    this.#parsed = new Lru(maxBytes, ({ bytes }) => bytes + 200);
  }

  /** The result of `parse`, or what it was for the same blob before. Failures are not kept: they name the file. */
  get(file: ManifestFile, parse: () => ParsedFile): ParsedFile {
    if (file.blobId === undefined) return parse();
    const known = this.#parsed.get(file.blobId);
    if (known !== undefined) return known.parsed;
    const parsed = parse();
    this.#parsed.set(file.blobId, { parsed, bytes: file.text.length });
    return parsed;
  }
}

function parseFile(file: ManifestFile, options: LoadOptions): ParsedFile {
  const parse = (): ParsedFile => {
    const objects: { object: KubeObject; line: number }[] = [];
    const skipped: Omit<SkippedDocument, 'file'>[] = [];
    const add = (value: unknown, line: number, itemLines: readonly number[]): void => {
      const shape = shapeOf(value);
      switch (shape.kind) {
        case 'object':
          objects.push({ object: deepFreeze(shape.object), line });
          return;
        case 'list':
          for (const [n, item] of shape.items.entries()) add(item, itemLines[n] ?? line, []);
          return;
        case 'foreign': {
          const { kind: _, ...document } = shape;
          skipped.push({ ...document, line });
          return;
        }
        case 'wrong':
          throw new ManifestError('ManifestInvalid', { file: file.path, line }, shape.why);
      }
    };
    for (const { value, line, itemLines } of parseYaml(file.text, file.path, options.limits ?? DEFAULT_YAML_LIMITS)) {
      add(value, line, itemLines);
    }
    return { objects, skipped };
  };
  return options.memo === undefined ? parse() : options.memo.get(file, parse);
}

function refuseDuplicates(objects: readonly LoadedObject[], defaultNamespace: string): void {
  const seen = new Map<string, LoadedObject>();
  for (const loaded of objects) {
    const id = idOf(loaded.object);
    const key = formatObjectId({ ...id, namespace: id.namespace || defaultNamespace });
    const other = seen.get(key);
    if (other !== undefined) {
      throw new ManifestError(
        'ManifestDuplicate',
        { file: loaded.file, line: loaded.line },
        `${describeId(id)} also stands in ${describePosition({ file: other.file, line: other.line })}: remove one of them`,
      );
    }
    seen.set(key, loaded);
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const member of Object.values(value)) deepFreeze(member);
  return value;
}
