import type { AnalysisRun } from '../../controller/api/generated/analysisrun.ts';
import type { Rollout } from '../../controller/api/generated/rollout.ts';
import { type Random, seededRandom } from '../../controller/platform/random.ts';
import type { ConfigState } from '../../controller/rollout/config/state.ts';
import type { RolloutDecision } from '../../controller/rollout/decision.ts';
import { settingsOf } from '../../controller/rollout/settings.ts';
import type { ModelState, RolloutSnapshot } from '../../controller/rollout/snapshot.ts';
import { fieldWriters } from './field-writers.ts';
import { ModelCluster, type Kind as ObjectKind } from './model-cluster.ts';
import { movePods, moveWorld, touch } from './moves.ts';
import { pick } from './random-spec.ts';
import { type Decide, Reconciler } from './reconciler.ts';
import { checkRest } from './rest.ts';
import { safetyRules } from './safety.ts';
import { type Happening, type Path, type Script, scriptOf } from './script.ts';
import { TEMPLATES } from './stage.ts';
import { Unsafe } from './unsafe.ts';
import { actAtRandom } from './user-actions.ts';
import { type Entry, storyOf } from './words.ts';
import { World } from './world.ts';

/** The process died here. */
class Crash extends Error {}

const OBJECT_KINDS: readonly ObjectKind[] = ['rollout', 'replicaSet', 'service', 'route', 'run', 'experiment'];

/** What is known of the ConfigMaps at one time or another. */
const CONFIGS: readonly (ConfigState | undefined)[] = [
  { state: 'known', mark: { 'ConfigMap/app': '1:one' } },
  { state: 'known', mark: { 'ConfigMap/app': '1:two' } },
  { state: 'known', mark: { 'ConfigMap/app': '1:one', 'Secret/keys': '1:a' } },
  { state: 'missing', message: 'ConfigMap "app" does not exist' },
  { state: 'pending', message: 'a ConfigMap changed a moment ago' },
  undefined,
];

/** What a history was made of. */
export interface Tally {
  decisions: number;
  writes: number;
  crashes: number;
  /** Writes whose answer was lost. */
  lost: number;
  /** Decisions that found requests at a version under test. */
  tested: number;
  /** Decisions that found an abort while requests were at the version under test. */
  aborted: number;
  promotions: number;
}

/** How a history went wrong: the rule, and the whole of it in words. */
export interface Failure {
  wrong: string;
  story: string;
}

/**
 * One random history: people change their minds, pods come, fail and recover, the router answers late or refuses, caches
 * lag, the registry is away, others write in between, answers are lost, and the controller dies between two writes. Every
 * write is checked against the safety rules; in the end everything must come to rest in the state that was asked for.
 *
 * @param path leaves out a part of it
 */
export function play(seed: number, decide: Decide, path?: Path): Tally | Failure {
  const history = new History(scriptOf(seed, path), decide);
  try {
    return history.play();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { wrong: error.message, story: storyOf(history.script.spec, history.log, error.message) };
  }
}

/** As {@link play}; throws {@link Unsafe} with the seed and the story. */
export function runHistory(seed: number, decide: Decide, path?: Path): Tally {
  const result = play(seed, decide, path);
  if ('wrong' in result) throw new Unsafe(`seed ${seed}: ${result.wrong}\n${result.story}`);
  return result;
}

class History {
  readonly script: Script;
  readonly cluster: ModelCluster;
  readonly world: World;
  readonly reconciler: Reconciler;
  readonly log: Entry[] = [];
  readonly tally: Tally = { decisions: 0, writes: 0, crashes: 0, lost: 0, tested: 0, aborted: 0, promotions: 0 };
  #registryUp = true;
  #config: ConfigState | undefined;

  constructor(script: Script, decide: Decide) {
    this.script = script;
    this.cluster = new ModelCluster(script.spec);
    this.cluster.onPut = fieldWriters();
    this.world = new World(this.cluster);
    // Where the spec limits its pods, the namespace has no room for more.
    this.world.quota = () => settingsOf(this.cluster.rollout.spec).maxPods;
    this.reconciler = new Reconciler(this.cluster, decide, {
      model: (rollout) => this.#model(rollout),
      config: () => this.#config,
      templates: TEMPLATES,
      pods: () => this.world.podStates(),
      stamp: () => `${this.world.version} ${this.#registryUp} ${CONFIGS.indexOf(this.#config)}`,
    });
    const rules = safetyRules(this.cluster);
    this.reconciler.observer = {
      ...rules,
      before: (command, snapshot) => {
        this.log.push(command);
        rules.before?.(command, snapshot);
      },
      decided: (snapshot, decision) => {
        this.#count(snapshot, decision);
        rules.decided?.(snapshot, decision);
      },
      wroteStatus: (snapshot, decision) => {
        const { phase, step, stableRS } = decision.status;
        this.log.push({ note: `status: ${phase}, step ${step ?? '-'}, ${stableRS ?? 'nothing'} serves` });
        rules.wroteStatus?.(snapshot, decision);
      },
    };
  }

  play(): Tally {
    for (const happening of this.script.happenings) this.#happen(happening);
    if (this.script.rests) this.#comeToRest();
    return { ...this.tally, writes: this.reconciler.writes };
  }

  #happen(happening: Happening): void {
    const sentence = this.#sentence(happening);
    if (sentence !== undefined) this.log.push(sentence);
  }

  /** Lets it happen, and says what happened; undefined when it could not, or has told of itself. */
  #sentence({ kind, luck, quiet = false }: Happening): string | undefined {
    const random = seededRandom(luck);
    switch (kind) {
      case 'look':
        this.#look(random, quiet);
        return undefined;
      case 'calm':
        this.#calm(random);
        return undefined;
      case 'hear': {
        const object = pick(random, OBJECT_KINDS);
        return this.reconciler.deliver(object) ? `the controller hears of a change of a ${object}` : undefined;
      }
      case 'hearAll':
        return this.reconciler.deliverAll() ? 'the controller hears of all changes' : undefined;
      case 'timePasses': {
        const seconds = pick(random, [1, 5, 31, 700]);
        this.cluster.now += seconds * 1000;
        return `${seconds} s pass`;
      }
      case 'registry':
        this.#registryUp = !this.#registryUp;
        return `the model registry ${this.#registryUp ? 'answers again' : 'is away'}`;
      case 'config':
        this.#config = pick(random, CONFIGS);
        return `ConfigMaps: ${JSON.stringify(this.#config ?? 'do not count')}`;
      case 'conflict':
        return touch(this.cluster, random);
      case 'person':
        return `somebody ${actAtRandom(this.cluster, random, this.world)}`;
      default:
        return movePods(kind, this.cluster, random, this.world);
    }
  }

  /** One look, in which the process may die, an answer may be lost, and the world goes on between two writes. */
  #look(random: Random, quiet: boolean): void {
    const { reconciler } = this;
    const dies = !quiet && random() < 0.1 ? Math.floor(random() * 4) : undefined;
    const loses = !quiet && random() < 0.05 ? Math.floor(random() * 3) : undefined;
    let [before, after] = [0, 0];
    reconciler.lags = !quiet && random() < 0.5;
    reconciler.between = () => {
      if (before === dies) throw new Crash();
      before += 1;
      // The world does not stand still between two writes of one decision.
      const note = quiet || random() >= 0.2 ? undefined : moveWorld(this.cluster, random, this.world);
      if (note !== undefined) this.log.push({ note: `meanwhile: ${note}` });
    };
    reconciler.answered = () => {
      after += 1;
      if (after - 1 !== loses) return true;
      this.tally.lost += 1;
      this.log.push({ note: 'the answer to that is lost' });
      return false;
    };
    const looked = this.log.push('the controller looks') - 1;
    try {
      if (reconciler.reconcile() === undefined)
        this.log[looked] = 'the controller waits until it hears of its own writes';
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      this.log.push({ note: 'it dies before the next write and starts again' });
      this.tally.crashes += 1;
      reconciler.restart();
    } finally {
      reconciler.between = () => {};
      reconciler.answered = () => true;
      reconciler.lags = false;
    }
  }

  /** For a while everything works as it should: the way into the later states of a release. */
  #calm(random: Random): void {
    this.log.push('for a while everything works as it should');
    for (let i = 0; i < 8; i += 1) {
      const { writes } = this.reconciler;
      this.reconciler.deliverAll();
      this.#look(random, true);
      if (!this.world.settle() && this.reconciler.writes === writes) return;
    }
  }

  /** Nobody does anything any more; what is left to happen by itself happens, at last also all that takes time. */
  #comeToRest(): void {
    this.#registryUp = true;
    if (this.#config !== undefined) this.#config = CONFIGS[0];
    this.log.push('from now on everything works, and nobody does anything any more');
    for (let round = 0; round < 300; round += 1) {
      this.reconciler.deliverAll();
      const { writes } = this.reconciler;
      const decision = this.reconciler.reconcile();
      const moved = this.world.settle();
      for (const run of this.cluster.list<AnalysisRun>('run')) this.world.endRun(run.metadata.name, 'Successful');
      if (this.reconciler.writes !== writes || moved || this.reconciler.deliverAll()) continue;
      if (decision?.requeueAfterMs === undefined) {
        checkRest(this.cluster, this.world, this.reconciler);
        return;
      }
      this.cluster.now += decision.requeueAfterMs;
    }
    throw new Unsafe(`never rests: ${JSON.stringify(this.cluster.rollout.status)}`);
  }

  #count(snapshot: RolloutSnapshot, { status }: RolloutDecision): void {
    const before = snapshot.rollout.status;
    const tested = snapshot.routes.some((route) => route.state === 'present' && (route.canaryWeight ?? 0) > 0);
    this.tally.decisions += 1;
    if (tested) this.tally.tested += 1;
    if (tested && before?.abort === true) this.tally.aborted += 1;
    if (before?.stableRS !== undefined && before.stableRS !== status.stableRS) this.tally.promotions += 1;
  }

  #model(rollout: Rollout): ModelState {
    const { model } = rollout.spec;
    if (model === undefined) return { state: 'none' };
    if (!this.#registryUp) return { state: 'unavailable', code: 'RegistryUnreachable', message: 'no answer' };
    const { name, version } = model;
    return { state: 'resolved', identity: { registry: 'ModelRegistry/mlflow', name, version, uri: `s3://${version}` } };
  }
}
