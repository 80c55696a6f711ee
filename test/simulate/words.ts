import type { RolloutSpec } from '../../controller/api/generated/rollout.ts';
import type { Command } from '../../controller/rollout/decision.ts';
import { hashOf } from '../../controller/rollout/replica-sets.ts';
import { versionOf } from './random-spec.ts';

/** What is logged of a history: a sentence begins with what happens; commands and notes say what comes of it. */
export type Entry = string | Command | { readonly note: string };

/** The history as numbered sentences, with versions instead of hashes, and what is wrong at its end. */
export function storyOf(spec: RolloutSpec, log: readonly Entry[], wrong: string): string {
  const sentences: string[] = [];
  for (const entry of log) {
    if (typeof entry === 'string') sentences.push(capitalised(entry));
    else sentences.push(`${sentences.pop() ?? 'In the beginning'}; ${'note' in entry ? entry.note : inWords(entry)}`);
  }
  const lines = sentences.map((sentence, i) => `${i + 1}. ${sentence}.`);
  const names = namesOf(log);
  const text = [describeSpec(spec), ...lines, `Then: ${wrong}.`].join('\n');
  return text
    .replace(/\bfraud-([a-z0-9]{10})\b/g, (_, hash: string) => names.get(hash) ?? hash)
    .replace(/\b[a-z0-9]{10}\b/g, (hash) => names.get(hash) ?? hash);
}

function describeSpec({ replicas, strategy, model }: RolloutSpec): string {
  const { canary, blueGreen } = strategy;
  const what =
    canary === undefined
      ? `blue-green ${JSON.stringify(blueGreen)}`
      : `a canary ${canary.trafficRouting === undefined ? 'without' : 'with'} a router, steps ${JSON.stringify(canary.steps ?? [])}`;
  return `A Rollout of v1 with ${pods(replicas)}${model === undefined ? '' : ' and a model'}: ${what}.`;
}

/** Versions by hash, from the ReplicaSets that were made. */
function namesOf(log: readonly Entry[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const entry of log) {
    if (typeof entry === 'string' || !('type' in entry) || entry.type !== 'createReplicaSet') continue;
    names.set(hashOf(entry.replicaSet) ?? '', versionOf(entry.replicaSet));
  }
  return names;
}

function inWords(command: Command): string {
  switch (command.type) {
    case 'createReplicaSet':
      return `it makes a ReplicaSet of ${versionOf(command.replicaSet)} with ${pods(command.replicaSet.spec.replicas ?? 1)}`;
    case 'updateReplicaSet':
      return command.replicas === undefined
        ? `it marks ${command.name}`
        : `it scales ${command.name} to ${pods(command.replicas)}`;
    case 'deleteReplicaSet':
      return `it deletes ${command.name}`;
    case 'setServiceSelector':
      return `it points Service ${command.service} to ${command.hash ?? 'all pods'}`;
    case 'setWeights':
      return `it gives the canary Service ${command.canaryWeight} % of the requests`;
    case 'createAnalysisRun':
      return `it starts analysis ${command.run.metadata.name}`;
    case 'terminateAnalysisRun':
      return `it ends analysis ${command.name}`;
    case 'deleteAnalysisRun':
      return `it deletes analysis ${command.name}`;
    case 'evictPod':
      return `it evicts ${command.name}`;
    default:
      return `it does ${command.type}`;
  }
}

function pods(count: number): string {
  return count === 1 ? '1 pod' : `${count} pods`;
}

function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
