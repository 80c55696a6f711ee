import type { AnalysisRun } from '../../controller/api/generated/analysisrun.ts';
import type { Experiment, ExperimentSpec } from '../../controller/api/generated/experiment.ts';
import type { AnyCommand } from '../../controller/rollout/decision.ts';
import { decideExperiment } from '../../controller/rollout/experiment/decide.ts';
import type { Phase } from '../../controller/rollout/experiment/ending.ts';
import type { ExperimentDecision, ExperimentSnapshot } from '../../controller/rollout/experiment/snapshot.ts';
import type { ReplicaSet, Service, TemplateState } from '../../controller/rollout/snapshot.ts';

export const T0 = Date.UTC(2026, 0, 1);

/** A spec with the templates `a` and `b` of one pod each. */
export function experimentSpec(more: Partial<ExperimentSpec> = {}): ExperimentSpec {
  return { templates: [podTemplate('a'), podTemplate('b')], ...more };
}

export function podTemplate(
  name: string,
  more: Partial<ExperimentSpec['templates'][number]> = {},
): ExperimentSpec['templates'][number] {
  return {
    name,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'server', image: `server:${name}`, ports: [{ containerPort: 8080 }] }] },
    },
    ...more,
  };
}

export function measuring(metric: string): TemplateState {
  return {
    state: 'found',
    spec: { metrics: [{ name: metric, provider: { prometheus: { address: 'http://prometheus', query: 'up' } } }] },
  };
}

/** A small cluster for one Experiment: it executes commands, and pods and verdicts come when a test says so. */
export class Life {
  experiment: Experiment;
  now = T0;
  readonly replicaSets = new Map<string, ReplicaSet>();
  readonly services = new Map<string, Service>();
  readonly runs = new Map<string, AnalysisRun>();
  templates: Record<string, TemplateState> = { errors: measuring('error-rate'), latency: measuring('p99') };
  refused: Record<string, string> = {};
  routedServices: string[] = [];
  readonly events: string[] = [];
  #version = 0;

  constructor(spec: ExperimentSpec) {
    this.experiment = {
      apiVersion: 'slipway.dev/v1alpha1',
      kind: 'Experiment',
      metadata: { name: 'e', namespace: 'n', uid: 'u', generation: 1 },
      spec,
    };
  }

  get status() {
    return this.experiment.status ?? {};
  }

  get snapshot(): ExperimentSnapshot {
    return {
      experiment: this.experiment,
      replicaSets: [...this.replicaSets.values()],
      services: [...this.services.values()],
      analysisRuns: [...this.runs.values()],
      templates: this.templates,
      refused: this.refused,
      routedServices: this.routedServices,
    };
  }

  /** One decision; `dies` after so many commands, before the rest and before the status. */
  look(dies = Number.POSITIVE_INFINITY): ExperimentDecision {
    const decision = decideExperiment(this.snapshot, this.now);
    for (const [index, command] of decision.commands.entries()) {
      if (index >= dies) return decision;
      this.apply(command);
    }
    if (decision.commands.length >= dies) return decision;
    this.experiment = { ...this.experiment, status: JSON.parse(JSON.stringify(decision.status)) };
    this.events.push(...decision.events.map((event) => `${event.type} ${event.reason} ${event.message}`));
    return decision;
  }

  /** Looks until nothing changes. */
  settle(): ExperimentDecision {
    for (let i = 0; i < 20; i += 1) {
      const before = JSON.stringify([this.experiment.status, this.#version]);
      const decision = this.look();
      if (JSON.stringify([this.experiment.status, this.#version]) === before) return decision;
    }
    throw new Error('it never rests');
  }

  wait(seconds: number): void {
    this.now += seconds * 1000;
    this.settle();
  }

  /** The pods of all templates, or of one, serve; or so many of them. */
  serve(name?: string, pods?: number): void {
    for (const [key, replicaSet] of this.replicaSets) {
      if (name !== undefined && key !== `e-${name}`) continue;
      const wanted = replicaSet.spec.replicas ?? 1;
      const available = Math.min(pods ?? wanted, wanted);
      const status = { replicas: wanted, readyReplicas: available, availableReplicas: available };
      this.#put(this.replicaSets, { ...replicaSet, status });
    }
    this.settle();
  }

  verdict(analysis: string, phase: NonNullable<AnalysisRun['status']>['phase'], message = 'as measured'): void {
    const run = this.runs.get(`e-${analysis}`);
    if (run === undefined) throw new Error(`${analysis} has not begun`);
    this.#put(this.runs, { ...run, status: { phase: phase ?? 'Running', message } });
    this.settle();
  }

  change(spec: Partial<ExperimentSpec>): void {
    const generation = (this.experiment.metadata.generation ?? 0) + 1;
    this.experiment = {
      ...this.experiment,
      metadata: { ...this.experiment.metadata, generation },
      spec: { ...this.experiment.spec, ...spec },
    };
    this.settle();
  }

  /** Wanted pods by template. */
  get pods(): Record<string, number> {
    return Object.fromEntries([...this.replicaSets].map(([name, rs]) => [name.slice(2), rs.spec.replicas ?? 1]));
  }

  get phase(): Phase | undefined {
    return this.status.phase;
  }

  statusOf(template: string): string | undefined {
    return this.status.templateStatuses?.find(({ name }) => name === template)?.status;
  }

  apply(command: AnyCommand): void {
    switch (command.type) {
      case 'createReplicaSet':
        if (!this.replicaSets.has(command.replicaSet.metadata.name)) this.#put(this.replicaSets, command.replicaSet);
        return;
      case 'updateReplicaSet': {
        const old = this.replicaSets.get(command.name);
        if (old?.metadata.resourceVersion !== command.resourceVersion) return;
        const annotations = { ...old.metadata.annotations };
        for (const [key, value] of Object.entries(command.annotations ?? {})) {
          if (value === null) delete annotations[key];
          else annotations[key] = value;
        }
        const spec = command.replicas === undefined ? old.spec : { ...old.spec, replicas: command.replicas };
        this.#put(this.replicaSets, { ...old, metadata: { ...old.metadata, annotations }, spec });
        return;
      }
      case 'createService':
        if (!this.services.has(command.service.metadata.name)) this.#put(this.services, command.service);
        return;
      case 'deleteService':
        this.services.delete(command.name);
        this.#version += 1;
        return;
      case 'createAnalysisRun':
        if (!this.runs.has(command.run.metadata.name)) this.#put(this.runs, command.run);
        return;
      case 'terminateAnalysisRun': {
        const run = this.runs.get(command.name);
        if (run !== undefined) this.#put(this.runs, { ...run, spec: { ...run.spec, terminate: true } });
        return;
      }
      default:
        throw new Error(`an Experiment does no ${command.type}`);
    }
  }

  #put<T extends { metadata: { name: string } }>(into: Map<string, T>, object: T): void {
    this.#version += 1;
    const metadata = { uid: object.metadata.name, ...object.metadata, resourceVersion: String(this.#version) };
    into.set(metadata.name, { ...object, metadata });
  }
}
