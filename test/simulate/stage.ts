import type { RolloutSpec, RolloutStatus, RolloutStatusCondition } from '../../controller/api/generated/rollout.ts';
import { POD_TEMPLATE_HASH_LABEL } from '../../controller/api/names.ts';
import type { ConfigState } from '../../controller/rollout/config/state.ts';
import type { DecisionEvent } from '../../controller/rollout/decision.ts';
import type { ModelState, ReplicaSet, Service, TemplateState } from '../../controller/rollout/snapshot.ts';
import { ModelCluster, type Route } from './model-cluster.ts';
import { type Decide, Reconciler } from './reconciler.ts';
import { World } from './world.ts';

/** A pod template; templates with another image are other versions. */
export function template(image: string): Record<string, unknown> {
  return { metadata: { labels: { app: 'fraud' } }, spec: { containers: [{ name: 'server', image }] } };
}

type Canary = NonNullable<RolloutSpec['strategy']['canary']>;
type BlueGreen = NonNullable<RolloutSpec['strategy']['blueGreen']>;

/** A canary with Services and, unless said otherwise, an HTTPRoute. */
export function rolloutSpec(
  image: string,
  replicas: number,
  canary: Canary,
  more: Partial<RolloutSpec> = {},
): RolloutSpec {
  return {
    replicas,
    selector: { matchLabels: { app: 'fraud' } },
    template: template(image),
    strategy: { canary },
    ...more,
  };
}

/** A blue-green Rollout with both Services. */
export function blueGreenSpec(
  image: string,
  replicas: number,
  change: Partial<BlueGreen> = {},
  more: Partial<RolloutSpec> = {},
): RolloutSpec {
  const blueGreen: BlueGreen = { activeService: 'active', previewService: 'preview', ...change };
  return { ...rolloutSpec(image, replicas, {}, more), strategy: { blueGreen } };
}

export const ROUTED = {
  canaryService: 'canary',
  stableService: 'stable',
  trafficRouting: { gatewayAPI: { httpRoutes: [{ name: 'route' }] } },
} satisfies Canary;

export const TEMPLATES: Record<string, TemplateState> = {
  errors: {
    state: 'found',
    spec: {
      metrics: [{ name: 'error-rate', provider: { prometheus: { address: 'http://prometheus', query: 'up' } } }],
    },
  },
};

/** A whole small world for one Rollout, to be driven step by step or until nothing moves. */
export class Stage {
  readonly cluster: ModelCluster;
  readonly world: World;
  readonly reconciler: Reconciler;
  readonly events: DecisionEvent[] = [];

  /** What the registry says; a test may change it. */
  model: ModelState = { state: 'none' };
  /** What ConfigMaps and Secrets say; a test may change it. */
  config: ConfigState | undefined;
  templates: Record<string, TemplateState> = TEMPLATES;

  constructor(spec: RolloutSpec, decide: Decide) {
    this.cluster = new ModelCluster(spec);
    this.world = new World(this.cluster);
    const stage = this;
    this.reconciler = new Reconciler(this.cluster, decide, {
      model: () => this.model,
      config: () => this.config,
      pods: () => this.world.podStates(),
      get templates() {
        return stage.templates;
      },
    });
  }

  get status(): RolloutStatus {
    return this.cluster.rollout.status ?? {};
  }

  /** The controller looks until it has nothing to write; nothing else happens. */
  decide(): void {
    for (let i = 0; i < 100; i += 1) {
      this.reconciler.deliverAll();
      const before = this.reconciler.writes;
      const decision = this.reconciler.reconcile();
      this.events.push(...(decision?.events ?? []));
      if (this.reconciler.writes === before) return;
    }
    throw new Error('the controller never rests');
  }

  /** Controller, pods and router go on until nothing moves; time stands still. */
  run(): void {
    for (let i = 0; i < 200; i += 1) {
      this.decide();
      if (!this.world.settle()) return;
    }
    throw new Error('the cluster never rests');
  }

  /** Time passes, then all goes on. */
  wait(seconds: number): void {
    this.cluster.now += seconds * 1000;
    this.run();
  }

  setCanary(change: Partial<Canary>): void {
    this.cluster.changeSpec((spec) => ({ ...spec, strategy: { canary: { ...spec.strategy.canary, ...change } } }));
  }

  setBlueGreen(change: Partial<BlueGreen>): void {
    this.cluster.changeSpec((spec) => ({
      ...spec,
      strategy: { blueGreen: { activeService: 'active', ...spec.strategy.blueGreen, ...change } },
    }));
  }

  scale(replicas: number): void {
    this.cluster.changeSpec((spec) => ({ ...spec, replicas }));
  }

  promote(): void {
    this.cluster.patchStatus({ pauseConditions: null });
    this.run();
  }

  /** Reasons of the Events so far; they are forgotten. */
  takeReasons(): string[] {
    return this.events.splice(0).map(({ reason }) => reason);
  }

  condition(type: string): RolloutStatusCondition | undefined {
    return this.status.conditions?.find((condition) => condition.type === type);
  }

  setImage(image: string): void {
    this.cluster.changeSpec((spec) => ({ ...spec, template: template(image) }));
  }

  /** The runs that have none yet get their verdict. */
  endRun(verdict: 'Successful' | 'Failed' | 'Error' | 'Inconclusive'): void {
    for (const { metadata } of this.cluster.list('run')) this.world.endRun(metadata.name, verdict);
  }

  /** The same for Experiments. */
  endExperiment(verdict: 'Successful' | 'Failed' | 'Error' | 'Inconclusive'): void {
    for (const { metadata } of this.cluster.list('experiment')) this.world.endExperiment(metadata.name, verdict);
  }

  /** Wanted pods by image, without those that have none. */
  get pods(): Record<string, number> {
    const sets = this.cluster.list<ReplicaSet>('replicaSet').filter((rs) => (rs.spec.replicas ?? 1) > 0);
    return Object.fromEntries(sets.map((rs) => [imageOf(rs), rs.spec.replicas ?? 1]));
  }

  get weight(): number | undefined {
    return this.cluster.get<Route>('route', 'route')?.canaryWeight;
  }

  /** The image behind a Service, or `all` before it has a hash. */
  behind(service: string): string {
    const hash = this.cluster.get<Service>('service', service)?.spec.selector?.[POD_TEMPLATE_HASH_LABEL];
    if (hash === undefined) return 'all';
    const sets = this.cluster.list<ReplicaSet>('replicaSet');
    const rs = sets.find((one) => one.metadata.labels?.[POD_TEMPLATE_HASH_LABEL] === hash);
    return rs === undefined ? hash : imageOf(rs);
  }
}

export function imageOf(rs: ReplicaSet): string {
  const containers = rs.spec.template.spec?.['containers'] as { image: string }[] | undefined;
  return containers?.[0]?.image ?? '';
}
