import type { ObjectId } from '../manifest/identity.ts';
import type { SkippedDocument } from '../manifest/load.ts';
import type { DesiredObject } from './desired.ts';

/** Where an object of Git stands, and how many documents in that file are no Kubernetes objects. */
export interface Origin {
  file: string;
  foreign: number;
}

/** Why an object that seems to be gone from Git may be there, only broken. */
export interface PruneDoubt {
  /** The file that had the object. */
  file: string;
  message: string;
}

/** Where the objects of a revision stand, by their keys. */
export function originsOf(
  objects: readonly DesiredObject[],
  skipped: readonly SkippedDocument[],
): ReadonlyMap<string, Origin> {
  return new Map(
    objects.map(({ key, where }) => {
      const file = where.slice(0, where.lastIndexOf(':'));
      return [key, { file, foreign: skipped.filter((document) => document.file === file).length }];
    }),
  );
}

/**
 * A manifest that loses `apiVersion` and `kind` is, to all who read it, a document for somebody else, and its object is gone
 * from Git. That is more often a mistake than a wish. It is doubted when a left-out document has the name of the object, or
 * when the file of the object has more of such documents than it had.
 *
 * @param origin where the object stood when it was last in Git; undefined when no one remembers
 * @param held the file for which this was doubted before; the doubt ends when the file has no such document
 */
export function doubtAbout(
  id: ObjectId,
  origin: Origin | undefined,
  held: string | undefined,
  skipped: readonly SkippedDocument[],
): PruneDoubt | undefined {
  const file = held ?? origin?.file;
  const inFile = skipped.filter((document) => document.file === file);
  const known = held === undefined ? (origin?.foreign ?? 0) : 0;
  const suspect =
    skipped.find(({ name, namespace }) => name === id.name && (namespace ?? id.namespace) === id.namespace) ??
    (inFile.length > known ? inFile[0] : undefined);
  if (suspect === undefined) return undefined;
  const { line, reason } = suspect;
  const message = `may still be meant by ${suspect.file}:${line}, which is no Kubernetes object (${reason}): correct that document, or remove it`;
  return { file: suspect.file, message };
}
