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
  const waves = resources.some(({ syncWave }) => syncWave !== undefined);
  const head = ['KIND', 'NAME', ...(waves ? ['WAVE'] : []), 'SYNC', 'HEALTH'];
  const rows = [head.map((text): Cell => ({ text })), ...resources.map((one) => objectRow(one, home, waves))];
  const [first = '', ...lines] = table(rows, paint).split('\n');
  return [first, ...lines.flatMap((line, i) => [line, ...reasons(resources[i])])].join('\n');
}

function objectRow(resource: ApplicationStatusResource, home: string | undefined, waves: boolean): Cell[] {
  const { kind, namespace, name, health, syncWave = 0 } = resource;
  const sync = resource.status ?? 'Unknown';
  return [
    { text: kind },
    { text: namespace === undefined || namespace === home ? name : `${namespace}/${name}` },
    ...(waves ? [{ text: String(syncWave) }] : []),
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
