import type { Application } from '../../api/generated/application.ts';
import { knownAutomation } from '../known-automation.ts';
import { age } from './age.ts';
import { symbolOf, toneOf, toneOfHealth } from './symbols.ts';
import { type Cell, type Paint, table } from './table.ts';

/**
 * One line for each Application. What its status does not say is Unknown; nothing is asked of its spec that one stored long
 * ago could lack.
 *
 * @param namespaces whether the namespace is a column
 * @param now milliseconds since the epoch, for ages
 */
export function applicationList(
  applications: readonly Application[],
  namespaces: boolean,
  now: number,
  paint: Paint,
): string {
  const head = ['NAME', 'SYNC', 'HEALTH', 'REVISION', 'AUTOMATION', 'AGE'];
  const rows: Cell[][] = [(namespaces ? ['NAMESPACE', ...head] : head).map((text) => ({ text }))];
  for (const application of applications) {
    const { metadata, status } = application;
    const sync = status?.sync?.status ?? 'Unknown';
    const health = status?.health?.status ?? 'Unknown';
    const automation = knownAutomation(application).state;
    rows.push([
      ...(namespaces ? [{ text: metadata.namespace ?? '' }] : []),
      { text: metadata.name },
      { text: `${symbolOf(sync)} ${sync}`, tone: toneOf(sync) },
      { text: `${symbolOf(health)} ${health}`, tone: toneOfHealth(health) },
      { text: status?.sync?.shortRevision ?? '-' },
      { text: automation, tone: automation === 'Active' ? 'plain' : 'busy' },
      { text: age(metadata.creationTimestamp, now) },
    ]);
  }
  return table(rows, paint);
}
