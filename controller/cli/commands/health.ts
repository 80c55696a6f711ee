import { gvkOf, type KubeObject } from '../../kube/types.ts';
import { ManifestError } from '../../manifest/errors.ts';
import { describeId, idOf } from '../../manifest/identity.ts';
import { shapeOf } from '../../manifest/object-shape.ts';
import { parseYaml } from '../../manifest/yaml-profile.ts';
import { messageOf, SlipwayError } from '../../platform/errors.ts';
import { explainHealth, type HealthVerdict } from '../../sync/health/assess.ts';
import { NO_USER_RULES, type UserRules } from '../../sync/health/user-rules.ts';
import type { LocalIo } from '../cli.ts';
import { toneOfHealth } from '../render/symbols.ts';
import type { Paint } from '../render/table.ts';
import { WIDTH, wrap } from '../render/wrap.ts';
import { readHealthRules } from './health-rules.ts';

/** One object of the input with its verdict: a line of `-o json`. */
export interface JudgedObject extends HealthVerdict {
  apiVersion: string;
  kind: string;
  namespace?: string;
  name: string;
}

/** `kubectl get -A -o yaml` of a whole cluster is larger than any manifest in Git. */
const LIMITS = { maxBytes: 64 * 1024 * 1024, maxDocuments: 100_000, maxDepth: 200 };

/**
 * `health -f FILE|-`: what health each object has by our rules, and why; `rules` names a file with rules of an Application,
 * which come first. Returns whether all are Healthy or Suspended. Throws SlipwayError `InputUnreadable` or `InvalidSpec`, and
 * ManifestError for what is no object.
 */
export async function health(
  io: LocalIo,
  files: readonly string[],
  format: 'text' | 'json',
  rules?: string,
): Promise<boolean> {
  const own = rules === undefined ? NO_USER_RULES : readHealthRules(await readInput(io, rules), nameOf(rules));
  const judged: JudgedObject[] = [];
  for (const file of files) judged.push(...judgeText(await readInput(io, file), nameOf(file), own));
  if (format === 'json') for (const one of judged) io.print(JSON.stringify(one));
  else io.print(renderHealth(judged, io.paint));
  return judged.every(({ status }) => status === 'Healthy' || status === 'Suspended');
}

function nameOf(file: string): string {
  return file === '-' ? 'stdin' : file;
}

async function readInput(io: LocalIo, file: string): Promise<string> {
  try {
    return await io.read(file);
  } catch (error) {
    throw new SlipwayError('InputUnreadable', `${file} cannot be read: ${messageOf(error)}`);
  }
}

/** The objects of a YAML stream or a JSON document, Lists taken apart, each with its verdict. */
export function judgeText(text: string, file: string, rules: UserRules): JudgedObject[] {
  const judged: JudgedObject[] = [];
  const add = (value: unknown, line: number, itemLines: readonly number[]): void => {
    const shape = shapeOf(value);
    switch (shape.kind) {
      case 'object':
        judged.push(judgeObject(shape.object, rules));
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
  return judged;
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

function judgeObject(object: KubeObject, rules: UserRules): JudgedObject {
  const { status, message, rule } = explainHealth(object, rules);
  const { namespace, name } = object.metadata;
  return {
    status,
    message,
    rule,
    apiVersion: object.apiVersion,
    kind: object.kind,
    ...(namespace !== undefined && { namespace }),
    name,
  };
}

/** A table whose rows have the reason below them: reasons are sentences, and names are not cut. */
export function renderHealth(judged: readonly JudgedObject[], paint: Paint): string {
  if (judged.length === 0) return 'no objects';
  const indent = ' '.repeat('Progressing'.length + 2);
  const rows = judged.flatMap((one) => {
    const id = idOf({ ...one, metadata: one });
    const group = gvkOf(one).group;
    const status = paint(one.status, toneOfHealth(one.status)) + ' '.repeat(indent.length - one.status.length);
    const object = `${describeId(id)}${group === '' ? '' : ` (${group})`}`;
    const why = wrap(`${one.message} [${one.rule}]`, WIDTH - indent.length).map((line) => indent + line);
    return [status + object, ...why];
  });
  return [`STATUS${' '.repeat(indent.length - 6)}OBJECT AND WHY`, ...rows].join('\n');
}
