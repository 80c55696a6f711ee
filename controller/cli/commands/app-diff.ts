import type { Application, ApplicationStatusResource } from '../../api/generated/application.ts';
import { specProblem } from '../../api/stored-object.ts';
import { apiVersionOf } from '../../kube/types.ts';
import type { ManifestFile } from '../../manifest/load.ts';
import { messageOf, SlipwayError } from '../../platform/errors.ts';
import { gitContent } from '../git-content.ts';
import { type PreviewFilter, previewApplication } from '../preview.ts';
import { readApplication } from '../read-application.ts';
import { readFolder } from '../read-folder.ts';
import { type ComparedObject, renderDifferences } from '../render/differences.ts';
import type { Session } from '../session.ts';

export interface AppDiffOptions {
  path?: string;
  revision?: string;
  /** `Kind/name` each. */
  resource?: readonly string[];
  output?: 'json';
}

/**
 * `app diff NAME`: what a sync would change, of what Git says now or of a folder on this machine. Where Git cannot be read
 * from here, what the controller says of the revision that it knows. Returns whether nothing would change. Throws SlipwayError
 * `ComparisonIncomplete` when something could not be compared.
 */
export async function appDiff(session: Session, name: string, options: AppDiffOptions): Promise<boolean> {
  const application = await readApplication(session, name);
  const problem = specProblem(application);
  if (problem !== undefined) throw new SlipwayError('InvalidSpec', `application "${name}": ${problem}`);
  const filter = filterOf(options.resource);
  const files = await filesOf(session, application, options);
  const compared =
    files === undefined ? reported(application, filter) : await previewApplication(session, application, files, filter);
  if (compared.length === 0 && options.resource !== undefined) {
    throw new SlipwayError('ObjectNotFound', `application "${name}" has no ${options.resource.join(' and no ')}`);
  }
  if (options.output === 'json') for (const one of compared) session.print(JSON.stringify(one));
  else session.print(renderDifferences(compared, session.paint));
  const failed = compared.filter(({ state }) => state === 'failed').length;
  if (failed > 0) {
    throw new SlipwayError('ComparisonIncomplete', `${failed} of ${compared.length} objects could not be compared`);
  }
  return compared.every(({ state }) => state === 'same');
}

/** The manifests; undefined when Git cannot be read from here. */
async function filesOf(
  session: Session,
  application: Application,
  { path, revision }: AppDiffOptions,
): Promise<readonly ManifestFile[] | undefined> {
  if (path !== undefined) return await readFolder(path, application.spec.source.directory ?? {});
  try {
    return (await gitContent(session, application, revision)).files;
  } catch (error) {
    const { sync } = application.status ?? {};
    const interrupted = error instanceof SlipwayError && error.code === 'Interrupted';
    if (interrupted || revision !== undefined || sync?.revision === undefined) throw error;
    const known = sync.revision.slice(0, 7);
    session.note(`Git cannot be read from here (${messageOf(error)}): this is what the controller says of ${known}`);
    return undefined;
  }
}

function filterOf(resources: readonly string[] | undefined): PreviewFilter {
  if (resources === undefined) return () => true;
  const wanted = resources.map((text) => {
    const [kind, name, ...rest] = text.split('/');
    if (!kind || !name || rest.length > 0) {
      throw new SlipwayError('InputAmbiguous', `--resource ${text} names no object: write for example Deployment/web`);
    }
    return { kind: kind.toLowerCase(), name };
  });
  return (object) => wanted.some(({ kind, name }) => kind === object.kind.toLowerCase() && name === object.name);
}

/** What the status says of each object. */
function reported(application: Application, filter: PreviewFilter): ComparedObject[] {
  return (application.status?.resources ?? []).filter(filter).map((entry): ComparedObject => {
    const { group = '', version, kind, namespace, name, message } = entry;
    return {
      apiVersion: apiVersionOf({ group, version }),
      kind,
      ...(namespace !== undefined && { namespace }),
      name,
      state: stateOf(entry),
      ...(message !== undefined && { message }),
      differences: [],
    };
  });
}

function stateOf(entry: ApplicationStatusResource): ComparedObject['state'] {
  if (entry.requiresPruning === true) return 'leftover';
  switch (entry.status) {
    case 'Synced':
      return 'same';
    case 'OutOfSync':
      return 'different';
    default:
      return 'failed';
  }
}
