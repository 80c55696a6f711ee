import {
  APPLICATION_RESOURCE,
  type Application,
  type ApplicationStatusResource,
} from '../api/generated/application.ts';
import { ROLLOUT_RESOURCE } from '../api/generated/rollout.ts';
import { isForbidden } from '../kube/errors.ts';
import { ObjectStore } from '../kube/store.ts';
import { type KubeObject, keyOf, type Store } from '../kube/types.ts';
import { describeId } from '../manifest/identity.ts';
import { type LoadResult, loadManifests, type ManifestFile } from '../manifest/load.ts';
import { mapLimited } from '../platform/concurrent.ts';
import { SlipwayError } from '../platform/errors.ts';
import { systemRandom } from '../platform/random.ts';
import { CLAIMS_INDEX, claims, claimsOf } from '../reconcile/application-claims.ts';
import { resolveKinds } from '../reconcile/application-kinds.ts';
import { ApplicationMemory } from '../reconcile/application-memory.ts';
import { takeSnapshot, typeOf } from '../reconcile/application-snapshot.ts';
import { type DesiredSet, desiredObjects } from '../sync/desired.ts';
import type { ExecutorDeps } from '../sync/executor.ts';
import { ignoreProblem } from '../sync/ignore/rules.ts';
import { applicationOptions } from '../sync/object-options.ts';
import { found } from './found.ts';
import { previewObject, previewPrune } from './preview-object.ts';
import type { ComparedObject } from './render/differences.ts';
import type { Session } from './session.ts';

/** Which objects are asked for. */
export type PreviewFilter = (object: Pick<ApplicationStatusResource, 'kind' | 'name'>) => boolean;

/** Requests at a time. */
const WORKERS = 4;

/**
 * What a sync would change if Git held `files`: the pairing, the dry run and the comparison of the controller, without its
 * memory and caches. Writes nothing.
 */
export async function previewApplication(
  session: Session,
  application: Application,
  files: readonly ManifestFile[],
  filter: PreviewFilter,
): Promise<ComparedObject[]> {
  const problem = ignoreProblem(application);
  if (problem !== undefined) throw new SlipwayError('InvalidSpec', problem);
  const { client, discovery, signal, clock } = session;
  const loaded = loadManifests(files);
  const manifests = loaded.objects.map(({ object }) => object);
  const entries = (application.status?.resources ?? []).map(typeOf);
  const kinds = await resolveKinds({ discovery, definitions: new ObjectStore() }, manifests, entries, signal);
  const key = keyOf(application);
  const { options } = applicationOptions(application);
  const desired = desiredObjects(loaded.objects, kinds, key, application.spec.destination?.namespace, options);
  refuseProblems(desired);
  const listed = await allApplications(session);
  const applications = storeOf(listed ?? []);
  applications.addIndexer(CLAIMS_INDEX, claimsOf);
  const snapshot = takeSnapshot(
    {
      applications: applications as unknown as Store<Application>,
      rollouts: await rolloutsOf(session, desired),
      watches: { cached: () => ({ state: 'unknown' }) },
    },
    {
      application,
      key,
      revision: '',
      desired,
      skipped: loaded.skipped,
      kinds,
      memory: new ApplicationMemory(),
      now: clock.now(),
    },
  );
  const deps: ExecutorDeps = {
    client,
    clock,
    random: systemRandom,
    application: key,
    // Who may not look at the others has to believe an object that names one.
    wants: (owner, object) =>
      listed === undefined || claims(applications as unknown as Store<Application>, owner, object),
    signal,
  };
  const made = madeNamespaces(application, loaded);
  const objects = snapshot.objects.filter(({ desired: { id } }) => filter(id));
  const leftovers = snapshot.leftovers.filter(({ id }) => filter(id));
  return [
    ...(await mapLimited(objects, WORKERS, (object) => previewObject(deps, object, made))),
    ...(await mapLimited(leftovers, WORKERS, (leftover) => previewPrune(session, application, kinds, leftover))).flat(),
  ];
}

/** The namespaces that a sync would make. */
function madeNamespaces(application: Application, { objects }: LoadResult): ReadonlySet<string> {
  const made = objects
    .map(({ object }) => object)
    .filter(({ kind, apiVersion }) => kind === 'Namespace' && apiVersion === 'v1');
  const { options } = applicationOptions(application);
  const own = options.createNamespace ? [application.spec.destination?.namespace ?? ''] : [];
  return new Set([...own, ...made.map(({ metadata }) => metadata.name)]);
}

function refuseProblems({ duplicates: [duplicate], problems: [problem] }: DesiredSet): void {
  if (duplicate !== undefined) {
    const places = duplicate.where.join(' and in ');
    throw new SlipwayError('ManifestDuplicate', `${describeId(duplicate.id)} stands in ${places}: remove one of them`);
  }
  if (problem !== undefined) throw new SlipwayError('ManifestInvalid', problem);
}

/** The Rollouts beside what is desired: their fields in Services and routes are theirs. */
async function rolloutsOf({ client, signal }: Session, { objects }: DesiredSet): Promise<Store> {
  const namespaces = new Set(
    objects.filter(({ id }) => id.kind === 'Service' || id.kind === 'HTTPRoute').map(({ id }) => id.namespace),
  );
  const lists = await mapLimited([...namespaces], WORKERS, (namespace) =>
    found(client.list(ROLLOUT_RESOURCE, { namespace, signal })),
  );
  return storeOf(lists.flatMap((list) => list ?? []));
}

/** All Applications; undefined for whom may not list them. */
async function allApplications({ client, signal }: Session): Promise<readonly KubeObject[] | undefined> {
  try {
    return await client.list(APPLICATION_RESOURCE, { signal });
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}

function storeOf(objects: readonly KubeObject[]): ObjectStore {
  const store = new ObjectStore();
  store.replace(objects, '');
  return store;
}
