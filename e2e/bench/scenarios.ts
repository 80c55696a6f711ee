import { setTimeout as delay } from 'node:timers/promises';
import { APPLICATION_RESOURCE } from '../../controller/api/generated/application.ts';
import { keyOf } from '../../controller/kube/types.ts';
import { mapLimited } from '../../controller/platform/concurrent.ts';
import type { Measurement } from './meter.ts';
import { isSynced, KINDS } from './observer.ts';
import { commit, createRepositories, createRepository, type Files } from './repositories.ts';
import { application, fileOf, manifests, NAMESPACE, nameOf, VALUE_ANNOTATION, valueIn } from './workload.ts';
import type { World } from './world.ts';

/** One row of the report. */
export interface Result extends Measurement {
  readonly scenario: string;
  /** Further numbers, by what they are. */
  readonly details: Readonly<Record<string, number>>;
}

/** Tells a person how far it is. */
export type Say = (line: string) => void;

export interface Scale {
  readonly applications: number;
  readonly say: Say;
}

const ONE = 'all';
const TIMEOUT_MS = 900_000;
/** Requests of the benchmark itself at the same time. */
const CONCURRENCY = 16;

/** Makes the repository that all Applications share. */
export async function seedOne({ git, gitRoot }: World, { applications }: Scale): Promise<void> {
  await createRepository(gitRoot, ONE, filesOf(applications, '1'));
  git.changed();
}

/** Makes a repository for each Application, and has the Git server compute what it will be asked for. */
export async function seedMany({ git, gitRoot }: World, { applications, say }: Scale): Promise<void> {
  say(`making ${applications} repositories`);
  const all = numbers(applications);
  await createRepositories(gitRoot, new Map(all.map((n) => [nameOf(n), new Map([['all.yaml', manifests(n, '1')]])])));
  await git.warm(all.map(nameOf));
}

/** Creates Applications and waits until all are in sync. */
export async function create(
  world: World,
  { applications, say }: Scale,
  scenario: string,
  source: (n: number) => { repoURL: string; path: string },
): Promise<Result> {
  const { observer } = world;
  const meter = await world.meter();
  const started = performance.now();
  let told = 0;
  const all = observer.untilCount(
    'Application',
    applications,
    (app) => isSynced(app),
    TIMEOUT_MS,
    (count) => {
      if (count < told + applications / 10) return;
      told = count;
      say(`${scenario}: ${count} of ${applications} in sync after ${seconds(started).toFixed(1)} s`);
    },
  );
  const created = mapLimited(numbers(applications), CONCURRENCY, async (n) => {
    const { repoURL, path } = source(n);
    await observer.client.create(APPLICATION_RESOURCE, application(n, repoURL, path));
  }).then(() => seconds(started));
  const [end, creating] = await Promise.all([all, created]);
  const measured = await meter.stop((end - started) / 1000);
  return { scenario, ...measured, details: { 'seconds until the last was created': creating } };
}

export function fromOne({ git }: World): (n: number) => { repoURL: string; path: string } {
  return (n) => ({ repoURL: git.url(ONE), path: `apps/${nameOf(n)}` });
}

export function fromMany({ git }: World): (n: number) => { repoURL: string; path: string } {
  return (n) => ({ repoURL: git.url(nameOf(n)), path: '.' });
}

/** A commit that brings the Ingresses of some directories to a value: until that is applied, and until all say so. */
export async function push(
  world: World,
  { applications }: Scale,
  scenario: string,
  files: Files,
  value: string,
): Promise<Result> {
  const { observer, git, gitRoot } = world;
  const revision = await commit(gitRoot, ONE, files);
  git.changed();
  const meter = await world.meter();
  const started = performance.now();
  const applied = observer.untilCount('Ingress', files.size, (object) => valueIn(object) === value, TIMEOUT_MS);
  const told = observer.untilCount('Application', applications, (app) => isSynced(app, revision), TIMEOUT_MS);
  await world.webhook(ONE);
  const end = await applied;
  const details = { 'seconds until all statuses name the commit': ((await told) - started) / 1000 };
  return { scenario, ...(await meter.stop((end - started) / 1000)), details };
}

/** Edits objects by hand, each of another Application, and measures how long each stays so. */
export async function drift(world: World, { applications, say }: Scale, value: string): Promise<Result> {
  const { observer } = world;
  const perSecond = 10;
  const count = Math.min(30 * perSecond, applications);
  const order = shuffled(numbers(applications)).slice(0, count);
  const edited = new Map<string, { value: string; since: number | undefined }>();
  const delays: number[] = [];
  let wake = (): void => undefined;
  const remove = observer.onChange((kind, object) => {
    const key = `${kind} ${keyOf(object)}`;
    const edit = edited.get(key);
    if (edit === undefined) return;
    // The edit is seen first, since the changes of one object arrive in order.
    if (valueIn(object) === edit.value) edit.since ??= performance.now();
    if (valueIn(object) !== value || edit.since === undefined) return;
    edited.delete(key);
    delays.push(performance.now() - edit.since);
    wake();
  });
  const meter = await world.meter();
  const started = performance.now();
  for (const [i, n] of order.entries()) {
    await delay(Math.max(0, started + (1000 * i) / perSecond - performance.now()));
    const kind = KINDS[Math.floor(Math.random() * KINDS.length)] as (typeof KINDS)[number];
    const key = `${NAMESPACE}/${nameOf(n)}`;
    edited.set(`${kind.kind} ${key}`, { value: `edited-${i}`, since: undefined });
    const patch = { metadata: { annotations: { [VALUE_ANNOTATION]: `edited-${i}` } } };
    await observer.client.patch(kind, key, 'application/merge-patch+json', patch);
  }
  const deadline = performance.now() + 120_000;
  while (edited.size > 0 && performance.now() < deadline) {
    await Promise.race([
      new Promise<void>((resolve) => {
        wake = resolve;
      }),
      delay(1000),
    ]);
  }
  remove();
  if (edited.size > 0) say(`${edited.size} of ${count} edits were not put right within 2 minutes`);
  const sorted = delays.sort((a, b) => a - b);
  const details = {
    edits: count,
    'not put right': edited.size,
    'p50 seconds to healed': quantile(sorted, 0.5) / 1000,
    'p99 seconds to healed': quantile(sorted, 0.99) / 1000,
  };
  return { scenario: `drift, ${perSecond}/s`, ...(await meter.stop()), details };
}

/** Nothing happens. */
export async function idle(world: World, scenario: string, minutes: number): Promise<Result> {
  const meter = await world.meter();
  await delay(minutes * 60_000);
  const measured = await meter.stop();
  return { scenario, ...measured, details: { 'percent of a core': (100 * measured.cpuSeconds) / measured.seconds } };
}

/** Kills the controller and starts it: nothing has changed. It is done when it has asked for nothing for a while. */
export async function restart(world: World): Promise<Result> {
  const { controller } = world;
  // A process that is killed writes no profile.
  if (world.profiled) await controller.stop();
  else await controller.kill();
  await controller.start();
  const meter = await world.meter('since its start');
  // A standby waits for the Lease of the one that was killed and asks for nothing else.
  const led = await meter.busy();
  const done = await meter.quiet();
  return { scenario: 'restart, nothing changed', ...(await meter.stop((done - led) / 1000)), details: {} };
}

/** @param sorted in ascending order */
export function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}

/** The directories of all Applications. */
export function filesOf(count: number, value: string): Files {
  return new Map(numbers(count).map((n) => [fileOf(n), manifests(n, value)]));
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item): [number, T] => [Math.random(), item])
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}

function seconds(since: number): number {
  return (performance.now() - since) / 1000;
}
