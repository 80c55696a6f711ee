import { APPLICATION_RESOURCE, type Application } from '../../api/generated/application.ts';
import { dropBadStatus, specProblem } from '../../api/stored-object.ts';
import { keyOf } from '../../kube/types.ts';
import { listed } from '../../sync/describe.ts';
import { heldFor } from '../known-automation.ts';
import { plainText } from '../plain-text.ts';
import { fetchApplication, readApplication } from '../read-application.ts';
import { applicationHeader } from '../render/application.ts';
import { applicationList } from '../render/application-list.ts';
import { historyTable } from '../render/history-table.ts';
import { hookTable } from '../render/hook-table.ts';
import { objectTable } from '../render/object-table.ts';
import { type RawFormat, rawList, rawObject } from '../render/raw-object.ts';
import type { Session } from '../session.ts';

export interface ListOptions {
  allNamespaces?: boolean;
  output?: RawFormat;
}

/** `app list`: one line for each; what holds them, and specs that make no sense, are said below. */
export async function appList(session: Session, { allNamespaces = false, output }: ListOptions): Promise<void> {
  const { client, namespace, signal, clock, paint } = session;
  const found = await client.list(APPLICATION_RESOURCE, { ...(!allNamespaces && { namespace }), signal });
  const applications = (found as Application[]).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  if (output !== undefined) {
    if (output !== 'name' || applications.length > 0) session.print(rawList(applications, output));
    return;
  }
  if (applications.length === 0) {
    session.note(allNamespaces ? 'no applications' : `no applications in namespace "${namespace}"`);
    return;
  }
  for (const application of applications) dropBadStatus(application);
  session.print(applicationList(plainText(applications), allNamespaces, clock.now(), paint));
  for (const [why, held] of byHold(applications)) session.note(plainText(`held (${why}): ${listed(held)}`));
  for (const application of applications) {
    const problem = specProblem(application);
    if (problem !== undefined)
      session.note(plainText(`application "${keyOf(application)}" cannot be synced: ${problem}`));
  }
}

/** The keys of those that are held, by what holds them: a window may hold hundreds. */
function byHold(applications: readonly Application[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const application of applications) {
    const why = heldFor(application);
    if (why !== undefined) found.set(why, [...(found.get(why) ?? []), keyOf(application)]);
  }
  return found;
}

/** `app get NAME`: what it is, how it stands, and its objects. */
export async function appGet(session: Session, name: string, output: RawFormat | undefined): Promise<void> {
  if (output !== undefined) {
    session.print(rawObject(await fetchApplication(session, name), output));
    return;
  }
  const application = await readApplication(session, name);
  const header = applicationHeader(application, session.clock.now(), session.paint);
  const hooks = hookTable(application, session.paint);
  const blocks = [header, ...(hooks === undefined ? [] : [hooks]), objectTable(application, session.paint)];
  session.print(blocks.join('\n\n'));
}

/** `app history NAME`: what `app rollback` can go back to. */
export async function appHistory(session: Session, name: string): Promise<void> {
  const application = await readApplication(session, name);
  if ((application.status?.history ?? []).length === 0) {
    session.note(`application "${name}" has not been synced yet`);
    return;
  }
  session.print(historyTable(application, session.paint));
}
