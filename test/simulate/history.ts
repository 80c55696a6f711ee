import type { AnalysisRun } from '../../controller/api/generated/analysisrun.ts';
import type { Rollout, RolloutStatus } from '../../controller/api/generated/rollout.ts';
import { POD_TEMPLATE_HASH_LABEL } from '../../controller/api/names.ts';
import { canonicalJson } from '../../controller/manifest/canonical.ts';
import { type Random, seededRandom } from '../../controller/platform/random.ts';
import type { ConfigState } from '../../controller/rollout/config/state.ts';
import type { Command, RolloutDecision } from '../../controller/rollout/decision.ts';
import { type Settings, settingsOf } from '../../controller/rollout/settings.ts';
import type { ModelState, ReplicaSet, RolloutSnapshot, Service } from '../../controller/rollout/snapshot.ts';
import { type Kind, ModelCluster, type Route } from './model-cluster.ts';
import { pick, randomSpec, versionOf } from './random-spec.ts';
import { type Decide, Reconciler } from './reconciler.ts';
import { checkPodMetadata } from './rest-metadata.ts';
import { safetyRules } from './safety.ts';
import { TEMPLATES } from './stage.ts';
import { Unsafe } from './unsafe.ts';
import { actAtRandom } from './user-actions.ts';
import { World } from './world.ts';

/** The process died here. */
class Crash extends Error {}

const KINDS: readonly Kind[] = ['rollout', 'replicaSet', 'service', 'route', 'run', 'experiment'];
const LOGGED_LINES = 40;
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
  /** Decisions that found requests at a version under test. */
  tested: number;
  /** Decisions that found an abort while requests were at the version under test. */
  aborted: number;
  promotions: number;
}

/**
 * One random history: people change their minds, pods come, fail and recover, the router answers late or refuses, caches
 * lag, the registry is away, and the controller dies between two writes. Every write is checked against the safety
 * rules; in the end everything must come to rest in the state that was asked for. Throws {@link Unsafe} with the seed
 * and the last of what happened.
 */
export function runHistory(seed: number, decide: Decide, events = 45): Tally {
  const history = new History(seed, decide);
  try {
    for (let i = 0; i < events; i += 1) history.event();
    history.comeToRest();
    return { ...history.tally, writes: history.reconciler.writes };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const log = history.log.slice(-LOGGED_LINES).map(lineOf).join('\n  ');
    throw new Unsafe(`seed ${seed}: ${error.message}\n  ${log}`, { cause: error });
  }
}

function lineOf(entry: string | Command): string {
  if (typeof entry === 'string') return entry;
  return `  ${JSON.stringify(entry, (key, value) => (key === 'template' ? undefined : value))}`;
}

class History {
  readonly cluster: ModelCluster;
  readonly world: World;
  readonly reconciler: Reconciler;
  readonly log: (string | Command)[] = [];
  readonly tally: Tally = { decisions: 0, writes: 0, crashes: 0, tested: 0, aborted: 0, promotions: 0 };
  readonly #random: Random;
  #registryUp = true;
  #config: ConfigState | undefined;

  constructor(seed: number, decide: Decide) {
    this.#random = seededRandom(seed);
    this.cluster = new ModelCluster(randomSpec(this.#random));
    this.world = new World(this.cluster);
    // Where the spec limits its pods, the namespace has no room for more.
    this.world.quota = () => settingsOf(this.cluster.rollout.spec).maxPods;
    const model = (rollout: Rollout): ModelState => this.#model(rollout);
    this.reconciler = new Reconciler(this.cluster, decide, {
      model,
      config: () => this.#config,
      templates: TEMPLATES,
      pods: () => this.world.podStates(),
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
        const { phase, message, step } = decision.status;
        this.log.push(`  status: ${phase}, ${message ?? 'no message'}, step ${step ?? '-'}`);
        rules.wroteStatus?.(snapshot, decision);
      },
    };
  }

  /** One small thing happens. */
  event(): void {
    const dice = this.#random();
    if (dice < 0.12) this.reconciler.deliver(pick(this.#random, KINDS));
    else if (dice < 0.25) this.reconciler.deliverAll();
    else if (dice < 0.5) this.#reconcile();
    else if (dice < 0.73) this.#worldMoves();
    else if (dice < 0.78) this.#calm();
    else if (dice < 0.83) this.#timePasses();
    else if (dice < 0.84) this.#registryUp = !this.#registryUp;
    else if (dice < 0.86) this.#configChanges();
    else this.log.push(`somebody ${actAtRandom(this.cluster, this.#random, this.world)}`);
  }

  /** Nobody does anything any more; what is left to happen by itself happens, at last also all that takes time. */
  comeToRest(): void {
    this.#registryUp = true;
    if (this.#config !== undefined) this.#config = CONFIGS[0];
    for (let round = 0; round < 300; round += 1) {
      this.reconciler.deliverAll();
      const { writes } = this.reconciler;
      const decision = this.reconciler.reconcile();
      const moved = this.world.settle();
      for (const run of this.cluster.list<AnalysisRun>('run')) this.world.endRun(run.metadata.name, 'Successful');
      if (this.reconciler.writes !== writes || moved || this.reconciler.deliverAll()) continue;
      if (decision?.requeueAfterMs === undefined) {
        this.#checkRest();
        return;
      }
      this.cluster.now += decision.requeueAfterMs;
    }
    throw new Error(`never rests: ${JSON.stringify(this.cluster.rollout.status)}`);
  }

  #checkRest(): void {
    const { spec } = this.cluster.rollout;
    const status = this.cluster.rollout.status ?? {};
    const settings = settingsOf(spec);
    const again = this.reconciler.reconcile();
    const idle = again?.commands.length === 0 && canonicalJson(again.status) === canonicalJson(status);
    if (!idle) throw new Error(`not idle at rest: ${JSON.stringify(again)}`);
    // Waiting for a person or for pods that never start is rest, too.
    if (this.world.broken.size > 0 || settings.paused || status.pauseConditions !== undefined) return;
    if (status.abort !== true && status.phase !== 'Healthy') {
      throw new Error(`rests in ${status.phase}: ${JSON.stringify(status)}`);
    }
    const weight = this.cluster.get<Route>('route', 'route')?.canaryWeight;
    if (settings.routed && weight !== 0) throw new Error(`weight ${weight} at rest`);
    this.#checkServices(settings, status);
    checkPodMetadata(this.cluster, this.world);
    this.#checkRestart(settings, status);
    const kept = settings.abortScaleDownDelayMs === Number.POSITIVE_INFINITY && status.abort === true;
    const sets = this.cluster.list<ReplicaSet>('replicaSet');
    const stable = sets.find((rs) => rs.metadata.name.endsWith(`-${status.stableRS}`));
    const pods = Object.fromEntries(
      sets.map((rs) => [versionOf(rs), rs.spec.replicas ?? 1]).filter(([, n]) => n !== 0),
    );
    const expected = stable === undefined || settings.replicas === 0 ? {} : { [versionOf(stable)]: settings.replicas };
    if (!kept && canonicalJson(pods) !== canonicalJson(expected)) {
      throw new Error(`pods at rest ${JSON.stringify(pods)}, expected ${JSON.stringify(expected)}`);
    }
  }

  /** What was to be restarted has been. */
  #checkRestart({ restartAt }: Settings, { restartedAt, stableRS }: RolloutStatus): void {
    if (restartAt === undefined) return;
    if (Date.parse(restartedAt ?? '') !== restartAt) throw new Error(`restarted ${restartedAt}, wanted ${restartAt}`);
    const rs = this.cluster.list<ReplicaSet>('replicaSet').find((one) => one.metadata.name.endsWith(`-${stableRS}`));
    const old = this.world
      .podStates()
      .filter((pod) => pod.replicaSet === rs?.metadata.uid && pod.createdAt < restartAt);
    // An update makes the pods of its version anew, those of the version that it leaves it does not.
    if (old.length > 0 && this.cluster.rollout.status?.abort !== true)
      throw new Error(`${old.length} pods are too old`);
  }

  /** Requests of a blue-green Rollout go to the version that serves. */
  #checkServices({ blueGreen, replicas }: Settings, { stableRS, blueGreen: said }: RolloutStatus): void {
    if (blueGreen === undefined || replicas === 0) return;
    const hash = this.cluster.get<Service>('service', 'active')?.spec.selector?.[POD_TEMPLATE_HASH_LABEL];
    if (hash !== stableRS || said?.activeSelector !== stableRS) {
      throw new Error(`active Service at ${hash} at rest, stable is ${stableRS}, said ${said?.activeSelector}`);
    }
  }

  /** For a while everything works as it should: the way into the later states of a release. */
  #calm(): void {
    this.log.push('all is calm');
    for (let i = 0; i < 8; i += 1) {
      const { writes } = this.reconciler;
      this.reconciler.deliverAll();
      this.#reconcile();
      if (!this.world.settle() && this.reconciler.writes === writes) return;
    }
  }

  #reconcile(): void {
    const dies = this.#random() < 0.1 ? Math.floor(this.#random() * 4) : undefined;
    let writes = 0;
    this.reconciler.between = () => {
      if (writes === dies) throw new Crash();
      writes += 1;
      // The world does not stand still between two writes of one decision.
      if (this.#random() < 0.2) this.#worldMoves();
    };
    try {
      this.log.push(this.reconciler.reconcile() === undefined ? 'waits for its own writes' : 'decided');
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      this.log.push('process dies and starts again');
      this.tally.crashes += 1;
      this.reconciler.restart();
    } finally {
      this.reconciler.between = () => {};
    }
  }

  #worldMoves(): void {
    const sets = this.cluster.list<ReplicaSet>('replicaSet');
    const name = sets.length === 0 ? '' : pick(this.#random, sets).metadata.name;
    const dice = this.#random();
    if (dice < 0.5) {
      this.world.syncReplicaSet(name);
      for (let i = 0; i < 3; i += 1) this.world.becomeReady(name);
      this.world.syncReplicaSet(name);
    } else if (dice < 0.55) {
      if (this.world.fail(name)) this.log.push(`a pod of ${name} fails`);
      this.world.syncReplicaSet(name);
    } else if (dice < 0.85) {
      if (this.world.answerRoute(this.#random() < 0.9 ? 'yes' : 'refused')) this.log.push('the router answers');
    } else {
      const runs = this.cluster.list<AnalysisRun>('run');
      if (runs.length === 0) return;
      const verdict = pick(this.#random, ['Successful', 'Successful', 'Failed', 'Error', 'Inconclusive'] as const);
      if (this.world.endRun(pick(this.#random, runs).metadata.name, verdict)) this.log.push(`verdict ${verdict}`);
    }
  }

  #count(snapshot: RolloutSnapshot, { status }: RolloutDecision): void {
    const before = snapshot.rollout.status;
    const tested = snapshot.routes.some((route) => route.state === 'present' && (route.canaryWeight ?? 0) > 0);
    this.tally.decisions += 1;
    if (tested) this.tally.tested += 1;
    if (tested && before?.abort === true) this.tally.aborted += 1;
    if (before?.stableRS !== undefined && before.stableRS !== status.stableRS) this.tally.promotions += 1;
  }

  #timePasses(): void {
    const seconds = pick(this.#random, [1, 5, 31, 700]);
    this.log.push(`${seconds} s pass`);
    this.cluster.now += seconds * 1000;
  }

  /** A ConfigMap changes or is missing for a while, or its changes begin or cease to count. */
  #configChanges(): void {
    this.#config = pick(this.#random, CONFIGS);
    this.log.push(`ConfigMaps: ${JSON.stringify(this.#config ?? 'do not count')}`);
  }

  #model(rollout: Rollout): ModelState {
    const { model } = rollout.spec;
    if (model === undefined) return { state: 'none' };
    if (!this.#registryUp) return { state: 'unavailable', code: 'RegistryUnreachable', message: 'no answer' };
    const { name, version } = model;
    return { state: 'resolved', identity: { registry: 'ModelRegistry/mlflow', name, version, uri: `s3://${version}` } };
  }
}
