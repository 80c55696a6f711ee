import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { ClusterError, describe } from '../cluster/errors.ts';
import { table } from './report.ts';
import type { Result, Say } from './scenarios.ts';
import { World, type WorldOptions } from './world.ts';

/** What all benchmarks can be told. */
export interface CommonOptions {
  /** Of the local cluster. */
  readonly name: string;
  readonly json?: string;
  readonly cpuProf?: string;
  readonly kubeQps?: string;
  readonly nodeOption: readonly string[];
}

/** What a benchmark needs to run. */
export interface Bench {
  readonly say: Say;
  /** The rows of the report, in order. */
  readonly results: Result[];
  /** Each part has a cluster and a controller of its own, so that none carries what another has left. */
  inWorld(where: Pick<WorldOptions, 'profile' | 'observed'>, act: (world: World) => Promise<void>): Promise<void>;
}

/** Runs a benchmark and prints what was measured, also when it failed in the middle. */
export async function runBench(
  title: string,
  options: CommonOptions,
  say: Say,
  act: (bench: Bench) => Promise<void>,
): Promise<void> {
  const results: Result[] = [];
  try {
    await act({
      say,
      results,
      inWorld: (where, within) => inWorld({ ...where, ...worldOptions(options, say) }, within),
    });
  } catch (error) {
    console.error(`The benchmark failed: ${describe(error)}`);
    if (!(error instanceof ClusterError) && error instanceof Error) console.error(error.stack);
    process.exitCode = 1;
  }
  console.log(`\n${title}, ${cpus().length} cores\n\n${table(results)}`);
  if (options.json !== undefined) {
    writeFileSync(options.json, `${JSON.stringify({ title, cores: cpus().length, results }, undefined, 2)}\n`);
  }
}

function worldOptions(
  { name, cpuProf, kubeQps, nodeOption }: CommonOptions,
  say: Say,
): Omit<WorldOptions, 'profile' | 'observed'> {
  const flags = kubeQps === undefined ? {} : { 'kube-qps': kubeQps };
  return { name, say, profileDir: cpuProf, flags, nodeOptions: nodeOption };
}

async function inWorld(options: WorldOptions, act: (world: World) => Promise<void>): Promise<void> {
  const world = await World.start(options);
  try {
    await act(world);
  } catch (error) {
    console.error(`The controller's last lines:\n${world.controller.logTail().join('\n')}`);
    throw error;
  } finally {
    await world.close();
  }
}
