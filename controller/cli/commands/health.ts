import { gvkOf, type KubeObject } from '../../kube/types.ts';
import { describeId, idOf } from '../../manifest/identity.ts';
import { explainHealth, type HealthVerdict } from '../../sync/health/assess.ts';
import { NO_USER_RULES, type UserRules } from '../../sync/health/user-rules.ts';
import type { LocalIo } from '../cli.ts';
import { plainText } from '../plain-text.ts';
import { inputName, readInput, readObjects } from '../read-objects.ts';
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
  const own = rules === undefined ? NO_USER_RULES : readHealthRules(await readInput(io, rules), inputName(rules));
  const judged: JudgedObject[] = [];
  for (const file of files) {
    judged.push(...(await readObjects(io, file)).map((object) => judgeObject(object, own)));
  }
  if (format === 'json') for (const one of judged) io.print(JSON.stringify(one));
  else io.print(renderHealth(plainText(judged), io.paint));
  return judged.every(({ status }) => status === 'Healthy' || status === 'Suspended');
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
