import type { Application } from '../../api/generated/application.ts';
import { isForbidden } from '../../kube/errors.ts';
import type { GroupVersionKind, KubeObject } from '../../kube/types.ts';
import { messageOf } from '../../platform/errors.ts';
import { objectTree } from '../object-tree.ts';
import { ownedKinds } from '../owned-kinds.ts';
import { plainText } from '../plain-text.ts';
import { readApplication } from '../read-application.ts';
import { applicationTree } from '../render/application-tree.ts';
import type { Session } from '../session.ts';

/** `app tree NAME`: the objects of an Application, and below each what it owns in the cluster. */
export async function appTree(session: Session, name: string): Promise<void> {
  const application = await readApplication(session, name);
  const live = await ownedObjects(session, application);
  session.print(
    applicationTree(application, objectTree(application, plainText(live)), session.clock.now(), session.paint),
  );
}

/** One LIST for each kind that may occur and each namespace that the Application has objects in. */
async function ownedObjects(session: Session, { status }: Application): Promise<KubeObject[]> {
  const entries = (status?.resources ?? []).map((entry) => ({ ...entry, group: entry.group ?? '' }));
  const namespaces = [...new Set(entries.flatMap(({ namespace }) => namespace ?? []))];
  const lists = namespaces.flatMap((namespace) =>
    ownedKinds(entries.filter((entry) => entry.namespace === namespace)).map((gvk) => list(session, gvk, namespace)),
  );
  return (await Promise.all(lists)).flat();
}

/** What the cluster does not serve is not there; what may not be read is left out, and said. */
async function list(session: Session, gvk: GroupVersionKind, namespace: string): Promise<KubeObject[]> {
  const { client, discovery, signal } = session;
  try {
    const resource = await discovery.resourceFor(gvk, signal);
    return resource === undefined ? [] : await client.list(resource, { namespace, signal });
  } catch (error) {
    if (!isForbidden(error)) throw error;
    session.note(`left out: ${messageOf(error)}`);
    return [];
  }
}
