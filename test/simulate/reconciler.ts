import type { AnalysisRun } from '../../controller/api/generated/analysisrun.ts';
import type { Experiment } from '../../controller/api/generated/experiment.ts';
import type { Rollout } from '../../controller/api/generated/rollout.ts';
import { equalJson } from '../../controller/manifest/equal-json.ts';
import { isPressing } from '../../controller/reconcile/status-pace.ts';
import type { ConfigState } from '../../controller/rollout/config/state.ts';
import type { Command, RolloutDecision } from '../../controller/rollout/decision.ts';
import { keyOfManaged } from '../../controller/rollout/managed-routes.ts';
import type {
  ModelState,
  PodState,
  ReplicaSet,
  RolloutSnapshot,
  Service,
  TemplateState,
} from '../../controller/rollout/snapshot.ts';
import type { Change, Kind, ModelCluster, Route, Stored } from './model-cluster.ts';

export type Decide = (snapshot: RolloutSnapshot, now: number) => RolloutDecision;

/** What the rest of the controller knows besides the caches. */
export interface Knowledge {
  model(rollout: Rollout): ModelState;
  config?(): ConfigState | undefined;
  templates: Readonly<Record<string, TemplateState>>;
  pods(): readonly PodState[];
  /** Changes whenever any of the above does; without it every look is decided anew. */
  stamp?(): string;
}

/** Sees every write before and after it is made. */
export interface Observer {
  before?(command: Command, snapshot: RolloutSnapshot): void;
  after?(command: Command, snapshot: RolloutSnapshot): void;
  decided?(snapshot: RolloutSnapshot, decision: RolloutDecision): void;
  wroteStatus?(snapshot: RolloutSnapshot, decision: RolloutDecision): void;
}

/**
 * The reconciler around a decision, as the real one works: caches that lag behind one stream per kind, no decision
 * before they show its own writes, commands one after another until one does not succeed, then the status.
 */
export class Reconciler {
  readonly #cluster: ModelCluster;
  readonly #decide: Decide;
  readonly knowledge: Knowledge;
  observer: Observer = {};
  #cache: Record<Kind, Map<string, Stored>>;
  #streams: Record<Kind, Change[]>;
  /** By kind: how many changes of its stream must be delivered before the next decision. */
  #awaited: Partial<Record<Kind, number>> = {};
  /** Called between two writes; throws to stop the process right there. */
  between: () => void = () => {};
  /** Called after a write; false when its answer is lost, so that it is taken for failed. */
  answered: () => boolean = () => true;
  /** Whether a status that is not pressing may lag; the real one lags for a while. */
  lags = false;
  writes = 0;
  /** Changes of the caches. */
  #heard = 0;
  /** What the last look saw when nothing had to be done. */
  #quiet: { seen: string; decision: RolloutDecision } | undefined;

  constructor(cluster: ModelCluster, decide: Decide, knowledge: Knowledge) {
    this.#cluster = cluster;
    this.#decide = decide;
    this.knowledge = knowledge;
    this.#cache = emptyCache();
    this.#streams = emptyStreams();
    cluster.onChange = (change) => this.#streams[change.kind].push(change);
    this.restart();
  }

  /** A new process: it knows what it lists, and nothing else. */
  restart(): void {
    this.#heard += 1;
    this.#streams = emptyStreams();
    this.#awaited = {};
    this.#cache = emptyCache();
    for (const kind of KINDS) this.#cache[kind] = new Map(this.#cluster.objects[kind]);
  }

  /** The watch of one kind delivers its next change. */
  deliver(kind: Kind): boolean {
    const change = this.#streams[kind].shift();
    if (change === undefined) return false;
    this.#heard += 1;
    if (change.object === undefined) this.#cache[kind].delete(change.name);
    else this.#cache[kind].set(change.name, change.object);
    const awaited = this.#awaited[kind] ?? 0;
    if (awaited > 0) this.#awaited[kind] = awaited - 1;
    return true;
  }

  deliverAll(): boolean {
    let any = false;
    for (const kind of KINDS) while (this.deliver(kind)) any = true;
    return any;
  }

  get caughtUp(): boolean {
    return KINDS.every((kind) => (this.#awaited[kind] ?? 0) === 0);
  }

  snapshot(): RolloutSnapshot {
    const rollout = this.#cache.rollout.get('fraud') as Rollout;
    const routed = rollout.spec.strategy.canary?.trafficRouting !== undefined;
    const route = this.#cache.route.get('route') as Route | undefined;
    const config = this.knowledge.config?.();
    return {
      ...(config === undefined ? {} : { config }),
      rollout,
      replicaSets: [...this.#cache.replicaSet.values()] as ReplicaSet[],
      analysisRuns: [...this.#cache.run.values()] as AnalysisRun[],
      experiments: [...this.#cache.experiment.values()] as Experiment[],
      services: Object.fromEntries(this.#cache.service) as Record<string, Service>,
      routes: !routed
        ? []
        : route === undefined
          ? [{ name: 'route', state: 'missing' }]
          : [
              {
                name: 'route',
                state: 'present',
                canaryWeight: route.canaryWeight,
                additional: route.additional ?? [],
                managed: (route.managed ?? []).map((one) => ({ name: one.name, key: keyOfManaged(one) })),
                accepted: route.accepted,
              },
            ],
      model: this.knowledge.model(rollout),
      pods: this.knowledge.pods(),
      templates: this.knowledge.templates,
      serviceConflicts: [],
    };
  }

  /** One look at the Rollout. Returns the decision, or undefined when the caches do not show its own writes yet. */
  reconcile(): RolloutDecision | undefined {
    if (!this.caughtUp) return undefined;
    const { stamp } = this.knowledge;
    const seen = stamp === undefined ? undefined : `${this.#heard} ${this.#cluster.now} ${stamp()}`;
    // A decision is a pure function: the same look gives the same answer.
    if (seen !== undefined && this.#quiet?.seen === seen) {
      this.between();
      return this.#quiet.decision;
    }
    const snapshot = this.snapshot();
    const decision = this.#decide(snapshot, this.#cluster.now);
    this.observer.decided?.(snapshot, decision);
    const same = equalJson(decision.status, snapshot.rollout.status ?? {});
    this.#quiet = seen !== undefined && same && decision.commands.length === 0 ? { seen, decision } : undefined;
    this.#carryOut(snapshot, decision, same);
    return decision;
  }

  #carryOut(snapshot: RolloutSnapshot, decision: RolloutDecision, same: boolean): void {
    const seen = {
      rollout: snapshot.rollout.metadata.resourceVersion,
      route: this.#cache.route.get('route')?.metadata.resourceVersion,
    };
    for (const command of decision.commands) {
      this.between();
      this.observer.before?.(command, snapshot);
      if (this.#cluster.apply(command, seen) !== 'ok') return;
      const answered = this.answered();
      // Whether a ReplicaSet was made is found out before the next decision, answer or not.
      this.#wrote(answered || command.type === 'createReplicaSet' ? KIND_OF[command.type] : undefined);
      if (command.type === 'annotateRollout') seen.rollout = this.#cluster.rollout.metadata.resourceVersion;
      this.observer.after?.(command, snapshot);
      if (!answered) return;
    }
    this.between();
    if (same || (this.lags && !isPressing(snapshot.rollout.status, decision.status, decision))) return;
    if (!this.#cluster.writeStatus(decision.status, seen.rollout)) return;
    this.#wrote(this.answered() ? 'rollout' : undefined);
    this.observer.wroteStatus?.(snapshot, decision);
  }

  #wrote(kind: Kind | undefined): void {
    this.writes += 1;
    if (kind !== undefined) this.#awaited[kind] = this.#streams[kind].length;
  }
}

const KINDS: readonly Kind[] = ['rollout', 'replicaSet', 'service', 'route', 'run', 'experiment'];

/** Where a write shows; pods are read from the world itself. */
const KIND_OF: Record<Command['type'], Kind | undefined> = {
  createReplicaSet: 'replicaSet',
  updateReplicaSet: 'replicaSet',
  deleteReplicaSet: 'replicaSet',
  evictPod: undefined,
  patchPod: undefined,
  scaleDeployment: undefined,
  setServiceSelector: 'service',
  setWeights: 'route',
  createAnalysisRun: 'run',
  terminateAnalysisRun: 'run',
  deleteAnalysisRun: 'run',
  createExperiment: 'experiment',
  terminateExperiment: 'experiment',
  deleteExperiment: 'experiment',
  annotateRollout: 'rollout',
};

function emptyCache(): Record<Kind, Map<string, Stored>> {
  return {
    rollout: new Map(),
    replicaSet: new Map(),
    service: new Map(),
    route: new Map(),
    run: new Map(),
    experiment: new Map(),
  };
}

function emptyStreams(): Record<Kind, Change[]> {
  return { rollout: [], replicaSet: [], service: [], route: [], run: [], experiment: [] };
}
