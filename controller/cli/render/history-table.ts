import type { Application } from '../../api/generated/application.ts';
import { age } from './age.ts';
import { type Cell, type Paint, table } from './table.ts';

/** The successful syncs, oldest first, with whole commit ids: they are there to be copied. `now` as for all ages. */
export function historyTable(application: Application, now: number, paint: Paint): string {
  const rows: Cell[][] = [['ID', 'REVISION', 'DEPLOYED', 'AGE'].map((text) => ({ text }))];
  for (const { id, revision, deployedAt } of application.status?.history ?? []) {
    rows.push([String(id), revision, deployedAt, age(deployedAt, now)].map((text) => ({ text })));
  }
  return table(rows, paint);
}
