import { findCondition } from '../../api/conditions.ts';
import type { Application, ApplicationStatusCondition } from '../../api/generated/application.ts';
import { specProblem } from '../../api/stored-object.ts';
import { humanDuration } from '../../platform/duration.ts';
import { DELETING_CONDITION } from '../../sync/deletion-status.ts';
import { shortRevision } from '../../sync/describe.ts';
import { knownAutomation } from '../known-automation.ts';
import { age } from './age.ts';
import { field } from './fields.ts';
import { symbolOf, type Tone, toneOf } from './symbols.ts';
import type { Paint } from './table.ts';
import { WIDTH, wrap } from './wrap.ts';

/**
 * The lines above the table of objects: what an operator wants to know first. The spec may be one that its CRD would refuse
 * today; the status must fit its type.
 *
 * @param now milliseconds since the epoch, for ages
 */
export function applicationHeader(application: Application, now: number, paint: Paint): string {
  const { metadata, status } = application;
  const stateOf = (state: string, message?: string): string =>
    [paint(`${symbolOf(state)} ${state}`, toneOf(state)), ...(message ? [message] : [])].join(': ');
  const sync = status?.sync?.status ?? 'Unknown';
  const health = status?.health?.status ?? 'Unknown';
  const lines = [
    field('Name', metadata.name),
    field('Namespace', metadata.namespace ?? 'default'),
    ...sourceLines(application, paint),
    field('Sync', stateOf(sync)),
    field('Health', stateOf(health, status?.health?.message)),
    field('Automation', automationText(application, now)),
    ...operationLines(application, now, stateOf),
  ];
  if (metadata.deletionTimestamp !== undefined) {
    const said = findCondition(status?.conditions, DELETING_CONDITION)?.message;
    const waitsFor = said ?? `waits for ${(metadata.finalizers ?? []).join(', ')}`;
    lines.push(field('Deletion', `asked for ${age(metadata.deletionTimestamp, now)} ago; ${waitsFor}`));
  }
  const note = staleNote(application);
  if (note !== undefined) lines.push(field('Note', paint(note, 'busy')));
  const bad = (status?.conditions ?? []).filter((condition) => isNews(condition, application));
  if (bad.length > 0) lines.push('', 'Conditions:', ...bad.map((condition) => conditionLines(condition, paint)));
  return lines.join('\n');
}

/** Whether a condition is not fine and says what no line above says. */
function isNews({ type, status, message }: ApplicationStatusCondition, application: Application): boolean {
  if (type === DELETING_CONDITION || status === 'True') return false;
  return type !== 'Healthy' || message !== application.status?.health?.message;
}

function sourceLines(application: Application, paint: Paint): string[] {
  const problem = specProblem(application);
  if (problem !== undefined) return [field('Spec', paint(problem, 'bad'))];
  const { metadata, spec, status } = application;
  const { repoURL, path, targetRevision } = spec.source;
  const revision = status?.sync?.revision;
  const namespace = spec.destination?.namespace;
  return [
    field('Repository', repoURL),
    field('Path', path),
    field('Revision', revision === undefined ? targetRevision : `${targetRevision} (${revision})`),
    ...(namespace === undefined || namespace === metadata.namespace ? [] : [field('Destination', namespace)]),
  ];
}

/** Whether and how it is synced by itself, in words, and since when not. */
export function automationText(application: Application, now: number): string {
  const { state, message, since: began } = knownAutomation(application);
  if (state === 'Active') {
    const { prune, selfHeal } = application.spec?.syncPolicy?.automated ?? {};
    return ['Active', prune === true ? 'prunes' : 'does not prune', ...(selfHeal === true ? ['heals'] : [])].join(', ');
  }
  const since = began === undefined ? '' : ` for ${age(began, now)}`;
  return `${state}${since}${message === undefined ? '' : `: ${message}`}`;
}

function operationLines(
  { status }: Application,
  now: number,
  stateOf: (state: string, message?: string) => string,
): string[] {
  const operation = status?.operationState;
  if (operation === undefined) return [];
  const {
    phase,
    revision,
    startedAt,
    finishedAt,
    retryCount = 0,
    nextRetryAt,
    trigger,
    initiatedBy,
    message,
  } = operation;
  const when = phase === 'Running' ? `for ${age(startedAt, now)}` : `${age(finishedAt ?? startedAt, now)} ago`;
  const tries = retryCount > 0 ? `, ${retryCount + 1} tries` : '';
  const who = initiatedBy?.username === undefined ? '' : ` by ${initiatedBy.username}`;
  const why = trigger === undefined ? '' : ` (${trigger}${who})`;
  const text = `${stateOf(phase)} ${when}, ${shortRevision(revision)}${why}${tries}${message === undefined ? '' : `: ${message}`}`;
  const again =
    nextRetryAt === undefined ? [] : [field('Next try', `in ${humanDuration(Date.parse(nextRetryAt) - now)}`)];
  return [field('Last sync', text), ...again];
}

/** What makes everything else old news. */
function staleNote({ metadata, status }: Application): string | undefined {
  if (status?.observedGeneration === undefined) return 'no status yet: the controller has not looked at it so far';
  return status.observedGeneration === metadata.generation
    ? undefined
    : 'the spec was changed since; what is said here is of the one before';
}

function conditionLines({ type, status, reason, message }: ApplicationStatusCondition, paint: Paint): string {
  const tone: Tone = status === 'False' ? 'bad' : 'busy';
  const head = `  ${paint(`${status === 'False' ? '✖' : '◌'} ${type} ${status}`, tone)}  ${reason}`;
  return [head, ...wrap(message, WIDTH - 4).map((line) => `    ${line}`)].join('\n');
}
