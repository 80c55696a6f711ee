import type { Application, ApplicationStatusResource } from '../../api/generated/application.ts';
import { symbolOf, toneOf, toneOfHealth } from './symbols.ts';
import { type Cell, type Paint, table } from './table.ts';
import { WIDTH, wrap } from './wrap.ts';

/**
 * The objects of an Application, each with what is wrong with it below its line: reasons are sentences and would make any
 * column too wide, and names are not cut.
 */
export function objectTable(application: Application, paint: Paint): string {
  const resources = application.status?.resources ?? [];
  if (resources.length === 0) return 'no objects';
  const home = application.spec?.destination?.namespace ?? application.metadata.namespace;
  const rows: Cell[][] = [['KIND', 'NAME', 'SYNC', 'HEALTH'].map((text) => ({ text }))];
  for (const resource of resources) rows.push(objectRow(resource, home));
  const [head = '', ...lines] = table(rows, paint).split('\n');
  return [head, ...lines.flatMap((line, i) => [line, ...reasons(resources[i])])].join('\n');
}

function objectRow(resource: ApplicationStatusResource, home: string | undefined): Cell[] {
  const { kind, namespace, name, health } = resource;
  const sync = resource.status ?? 'Unknown';
  return [
    { text: kind },
    { text: namespace === undefined || namespace === home ? name : `${namespace}/${name}` },
    { text: `${symbolOf(sync)} ${sync}`, tone: toneOf(sync) },
    health === undefined
      ? { text: '' }
      : { text: `${symbolOf(health.status)} ${health.status}`, tone: toneOfHealth(health.status) },
  ];
}

function reasons(resource: ApplicationStatusResource | undefined): string[] {
  const texts = [
    resource?.requiresPruning === true ? 'is gone from Git' : undefined,
    resource?.message,
    resource?.health?.message,
  ];
  return [...new Set(texts)].flatMap((text) =>
    text === undefined ? [] : wrap(text, WIDTH - 4).map((line) => `    ${line}`),
  );
}
