import { type KubeObject, keyOf } from '../../kube/types.ts';
import { describeId } from '../../manifest/identity.ts';
import { loadManifests, type SkippedDocument } from '../../manifest/load.ts';
import { resolveKinds } from '../../reconcile/application-kinds.ts';
import { desiredObjects } from '../../sync/desired.ts';
import type { LocalIo } from '../cli.ts';
import { gitContent } from '../git-content.ts';
import { plainText } from '../plain-text.ts';
import { readApplication } from '../read-application.ts';
import { type FolderOptions, readFolder } from '../read-folder.ts';
import { maskSecret } from '../render/mask-secret.ts';
import { yaml } from '../render/yaml.ts';
import type { Session } from '../session.ts';

/** A manifest and its place, `file:line`. */
interface Placed {
  object: KubeObject;
  where: string;
}

/**
 * `app manifests NAME`: what Git says now, made ready to be applied: with the namespace and the tracking annotation. Values of
 * Secrets are masked: whoever may look at the Application may not always look at those.
 */
export async function appManifests(session: Session, name: string, revision: string | undefined): Promise<void> {
  const application = await readApplication(session, name);
  const content = await gitContent(session, application, revision);
  const loaded = loadManifests(content.files);
  const noDefinitions = { list: () => [] };
  const world = { discovery: session.discovery, definitions: noDefinitions };
  const kinds = await resolveKinds(
    world,
    loaded.objects.map(({ object }) => object),
    [],
    session.signal,
  );
  const namespace = application.spec.destination?.namespace;
  const { objects, duplicates, problems } = desiredObjects(loaded.objects, kinds, keyOf(application), namespace);
  const comments = [
    `${application.spec.source.repoURL} at ${content.revision}`,
    ...skippedComments(loaded.skipped),
    ...duplicates.map(({ id, where }) => `${describeId(id)} stands in ${where.join(' and in ')}: remove one of them`),
    ...problems,
  ];
  session.print(
    manifestStream(
      comments,
      objects.map(({ object, where }) => ({ object: maskSecret(object), where })),
    ),
  );
}

/** `app manifests --path FOLDER`: the same rules on local files, before anybody merges them. Nothing is masked. */
export async function folderManifests(io: LocalIo, folder: string, options: FolderOptions): Promise<true> {
  const { objects, skipped } = loadManifests(await readFolder(folder, options));
  const placed = objects.map(({ object, file, line }) => ({ object, where: `${file}:${line}` }));
  io.print(manifestStream(skippedComments(skipped), placed));
  return true;
}

function skippedComments(skipped: readonly SkippedDocument[]): string[] {
  return skipped.map(({ file, line, reason }) => `${file}:${line} is left out: ${reason}`);
}

/** A YAML stream that says in comments where everything comes from. */
function manifestStream(comments: readonly string[], manifests: readonly Placed[]): string {
  const documents = manifests.map(({ object, where }) => `---\n${comment(where)}${yaml(object)}`);
  const head = [...comments, ...(manifests.length === 0 ? ['no objects'] : [])].map(comment);
  return [...head, ...documents].join('').trimEnd();
}

/** The name of a file may hold a line break; what comes after it must not become a manifest. */
function comment(text: string): string {
  return `# ${plainText(text)}\n`;
}
