import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type ParsedNode,
  parseAllDocuments,
  type Scalar,
  visit,
} from 'yaml';
import { messageOf } from '../platform/errors.ts';
import { ManifestError } from './errors.ts';
import { kubectlTags } from './yaml-tags.ts';

export interface YamlLimits {
  maxBytes: number;
  maxDocuments: number;
  /** Levels of maps and lists. */
  maxDepth: number;
}

export const DEFAULT_YAML_LIMITS: YamlLimits = { maxBytes: 3 * 1024 * 1024, maxDocuments: 5000, maxDepth: 200 };

export interface YamlDocument {
  /** Plain JSON data. */
  value: unknown;
  /** Where its content starts, from 1. */
  line: number;
  /** When the document is a map with a list under `items`: the line of each item. */
  itemLines: number[];
}

/**
 * Parses YAML or JSON as kubectl does, so that a manifest means here what it means there; ecosystem.md §3.1 has the measured
 * differences between the JavaScript parsers and Go. Stricter in what would be guessed or rounded: numbers that JSON cannot
 * carry, unknown tags and keys that are no scalars are errors. Empty documents are left out. Throws {@link ManifestError}.
 */
export function parseYaml(text: string, file: string, limits: YamlLimits = DEFAULT_YAML_LIMITS): YamlDocument[] {
  if (Buffer.byteLength(text) > limits.maxBytes) {
    throw new ManifestError(
      'ManifestTooLarge',
      { file, line: 1 },
      `more than ${limits.maxBytes} bytes: split the file`,
    );
  }
  const lines = new LineCounter();
  const at = (offset: number): { file: string; line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const documents = parse(text, lines, file);
  const control = CONTROL.exec(text);
  if (control !== null) {
    throw new ManifestError(
      'ManifestInvalid',
      at(control.index),
      'a control character stands here: remove or escape it',
    );
  }
  if (documents.length > limits.maxDocuments) {
    throw new ManifestError(
      'ManifestTooLarge',
      { file, line: 1 },
      `more than ${limits.maxDocuments} documents: split the file`,
    );
  }
  return documents.flatMap((document) => {
    const problem = document.errors[0] ?? document.warnings[0];
    if (problem !== undefined) throw new ManifestError('ManifestInvalid', at(problem.pos[0]), explain(problem.message));
    if (document.directives.yaml.explicit === true && document.directives.yaml.version !== '1.1') {
      throw new ManifestError(
        'ManifestInvalid',
        at(document.range[0]),
        'Kubernetes reads YAML 1.1: remove the %YAML directive',
      );
    }
    const root = document.contents;
    if (root === null) return [];
    check(document, at, limits);
    fixEndOfFile(root, text);
    const value = toJson(document, at(root.range[0]));
    if (value === null) return [];
    return [{ value, line: at(root.range[0]).line, itemLines: itemOffsets(root).map((offset) => at(offset).line) }];
  });
}

/** Not allowed in YAML, and not by the API server in text either. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/;

type Doc = Document.Parsed<ParsedNode>;

function parse(text: string, lines: LineCounter, file: string): Doc[] {
  try {
    const documents = parseAllDocuments(text, {
      version: '1.1',
      schema: 'yaml-1.1',
      customTags: kubectlTags,
      merge: true,
      // The parser compares each key with all before it, which a large map turns into minutes; see check().
      uniqueKeys: false,
      intAsBigInt: true,
      prettyErrors: false,
      logLevel: 'silent',
      lineCounter: lines,
    });
    return Array.isArray(documents) ? (documents as Doc[]) : [];
  } catch (error) {
    throw new ManifestError('ManifestInvalid', { file, line: 1 }, `cannot be parsed: ${messageOf(error)}`);
  }
}

/** What JSON cannot say, and what a guess would get wrong. Turns big integers that fit into numbers. */
function check(
  document: Doc,
  at: (offset: number) => { file: string; line: number; column: number },
  limits: YamlLimits,
): void {
  const refuse = (node: unknown, why: string): never => {
    const range = (node as { range?: [number, number, number] | null } | null)?.range;
    throw new ManifestError('ManifestInvalid', at(range?.[0] ?? document.range[0]), why);
  };
  visit(document, (key, node, path) => {
    // Every map is two steps of the path, and every list one: only a long path is worth counting.
    if (path.length > limits.maxDepth && path.filter(isCollection).length > limits.maxDepth) {
      refuse(node, `nested more than ${limits.maxDepth} levels deep: flatten it`);
    }
    if (isMap(node)) {
      const repeated = repeatedKey(node.items.map((pair) => pair.key));
      if (repeated !== undefined) refuse(repeated, 'the same key stands twice in one map: remove one');
    }
    if (isPair(node)) {
      if (isMap(node.key) || isSeq(node.key)) refuse(node.key, 'a map or list cannot be a key: use text');
      if (!isAlias(node.key) && (!isScalar(node.key) || node.key.value === null))
        refuse(node.key, 'a key is missing: write one before the colon');
    }
    if (!isScalar(node)) return;
    const { value } = node;
    if (typeof value === 'bigint') {
      if (value > MAX_SAFE || value < -MAX_SAFE) {
        refuse(node, 'a number beyond 2^53 stands here and would be rounded: quote it if it is text');
      }
      node.value = Number(value);
    } else if (typeof value === 'number' && !Number.isFinite(value)) {
      refuse(node, `${node.source ?? value} is no number in JSON: quote it if it is text`);
    } else if (key === 'key' && typeof value === 'number' && !Number.isInteger(value)) {
      refuse(node, `a fraction as a key is ambiguous: quote ${node.source ?? value}`);
    }
  });
}

/** The first key that stood there before; `1` and `"1"` are one key in JSON. */
function repeatedKey(keys: readonly unknown[]): unknown {
  const seen = new Set<string>();
  for (const key of keys) {
    if (!isScalar(key) || key.value === null) continue;
    const name = String(key.value);
    if (seen.has(name)) return key;
    seen.add(name);
  }
  return undefined;
}

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** Go adds no line break to a block scalar that the end of the file cuts short; the parser here does. */
function fixEndOfFile(root: ParsedNode, text: string): void {
  if (text.endsWith('\n')) return;
  visit(root, {
    Scalar(_, node) {
      const block = node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED';
      if (!block || typeof node.value !== 'string' || node.range?.[1] !== text.length) return;
      (node as Scalar).value = node.value.replace(/\n$/, '');
    },
  });
}

function toJson(document: Doc, position: { file: string; line: number; column: number }): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new ManifestError(
      'ManifestInvalid',
      position,
      `cannot be resolved: ${withoutText(messageOf(error))}: expand the aliases`,
    );
  }
}

function itemOffsets(root: ParsedNode): number[] {
  const items = isMap(root) ? root.get('items', true) : undefined;
  if (!isSeq(items)) return [];
  return items.items.map((item) => (item as ParsedNode | null)?.range?.[0] ?? items.range?.[0] ?? 0);
}

function explain(message: string): string {
  const text = withoutText(message);
  if (text === 'Unresolved tag')
    return `${text}: tags of one's own have no meaning in Kubernetes, remove it, or quote what is text`;
  return `${text}: correct the YAML, or exclude the file`;
}

/** The parser's words without what it quotes from the file, which may be a password: the position says where to look. */
function withoutText(message: string): string {
  return message.replace(/(?<! ): .*$/s, '').replace(/ [!%|>\\]\S+/g, '');
}
