import type { Application } from '../api/generated/application.ts';
import { COMPARE_OPTIONS_ANNOTATION, IGNORE_HEALTHCHECK_ANNOTATION, SYNC_OPTIONS_ANNOTATION } from '../api/names.ts';
import { DEFAULT_SYNC_OPTIONS, parseSyncOptions, type SyncOptions } from './sync-options.ts';

/** Everything that the annotations of one object, on top of the options of its Application, say about how it is synced. */
export interface ObjectOptions extends SyncOptions {
  /** The object does not count for the health of the Application. */
  ignoreHealth: boolean;
  /** Once it is gone from Git it does not make the Application OutOfSync. */
  ignoreExtraneous: boolean;
}

/** The options of an object without annotations, in an Application without options. */
export const DEFAULT_OBJECT_OPTIONS: ObjectOptions = {
  ...DEFAULT_SYNC_OPTIONS,
  ignoreHealth: false,
  ignoreExtraneous: false,
};

const ARGO_PREFIX = 'argocd.argoproj.io/';

/**
 * Reads the options of one object. What cannot be understood is a problem and never silently a default: `Prune=flase` would
 * delete what its author wanted to keep. A problem is one line that names the annotation and the remedy.
 */
export function objectOptions(
  object: { metadata: { annotations?: Record<string, string> } },
  application: SyncOptions,
): { options: ObjectOptions; problems: readonly string[] } {
  const own = annotation(object, SYNC_OPTIONS_ANNOTATION);
  const parsed = parseSyncOptions(splitList(own.value), 'object', application);
  const health = annotation(object, IGNORE_HEALTHCHECK_ANNOTATION);
  const compare = splitList(annotation(object, COMPARE_OPTIONS_ANNOTATION).value);
  return {
    options: {
      ...parsed.options,
      ignoreHealth: health.value === 'true',
      ignoreExtraneous: compare.includes('IgnoreExtraneous'),
    },
    problems: parsed.problems.map((problem) => `annotation ${own.name} has ${problem}`),
  };
}

/** The options of an Application as a whole, or the first thing wrong with them. */
export function applicationOptions({ spec }: Application): { options: SyncOptions; problem: string | undefined } {
  const { options, problems } = parseSyncOptions(spec.syncPolicy?.syncOptions ?? [], 'application');
  const [problem] = problems;
  return { options, problem: problem === undefined ? undefined : `spec.syncPolicy.syncOptions has ${problem}` };
}

/** The value of an annotation of ours, or of the same under Argo CD's prefix, and the name that it was found under. */
export function annotation(
  object: { metadata: { annotations?: Record<string, string> } },
  ours: string,
): { value: string; name: string } {
  const annotations = object.metadata.annotations ?? {};
  const theirs = `${ARGO_PREFIX}${ours.slice(ours.indexOf('/') + 1)}`;
  const name = annotations[ours] === undefined && annotations[theirs] !== undefined ? theirs : ours;
  return { value: annotations[name] ?? '', name };
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
