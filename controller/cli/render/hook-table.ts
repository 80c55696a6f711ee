import type { Application } from '../../api/generated/application.ts';
import { symbolOf, toneOf } from './symbols.ts';
import { type Cell, type Paint, table } from './table.ts';
import { WIDTH, wrap } from './wrap.ts';

/** The hooks that the last sync started, with what they say below them; undefined when there were none. */
export function hookTable(application: Application, paint: Paint): string | undefined {
  const hooks = application.status?.operationState?.hooks ?? [];
  if (hooks.length === 0) return undefined;
  const rows = hooks.map(({ syncPhase, kind, name, hookPhase }): Cell[] => [
    { text: syncPhase },
    { text: `${kind}/${name}` },
    { text: `${symbolOf(hookPhase)} ${hookPhase}`, tone: toneOf(hookPhase) },
  ]);
  const [head = '', ...lines] = table([['PHASE', 'HOOK', 'STATE'].map((text) => ({ text })), ...rows], paint).split(
    '\n',
  );
  const said = hooks.map(({ message }) => (message === undefined ? [] : wrap(message, WIDTH - 4)));
  return [head, ...lines.flatMap((line, i) => [line, ...(said[i] ?? []).map((text) => `    ${text}`)])].join('\n');
}
