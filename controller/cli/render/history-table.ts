import type { Application, ApplicationStatusHistory } from '../../api/generated/application.ts';
import { type Cell, type Paint, table } from './table.ts';

/**
 * The successful syncs, oldest first, with whole commit ids: they are there to be copied. Where one came from another place
 * than the last, the line below says from which.
 */
export function historyTable(application: Application, paint: Paint): string {
  const history = application.status?.history ?? [];
  const rows = history.map((entry): Cell[] => {
    const { id, revision, deployedAt } = entry;
    return [String(id), revision, deployedAt, startedBy(entry)].map((text) => ({ text }));
  });
  const head = ['ID', 'REVISION', 'DEPLOYED', 'BY'].map((text) => ({ text }));
  const [first = '', ...lines] = table([head, ...rows], paint).split('\n');
  const now = placeOf(history.at(-1));
  return [first, ...lines.flatMap((line, i) => [line, ...elsewhere(placeOf(history[i]), now)])].join('\n');
}

function startedBy({ initiatedBy }: ApplicationStatusHistory): string {
  return initiatedBy?.username ?? (initiatedBy?.automated === true ? 'itself' : '-');
}

/** Entries of old versions do not say it. */
function placeOf(entry: ApplicationStatusHistory | undefined): string | undefined {
  const { repoURL, path } = entry?.source ?? {};
  return typeof repoURL === 'string' ? `${path ?? '.'} of ${repoURL}` : undefined;
}

function elsewhere(place: string | undefined, last: string | undefined): string[] {
  return place === undefined || place === last ? [] : [`    ${place}`];
}
