import { Command, InvalidArgumentError } from 'commander';
import { folders } from '../cluster/folders.ts';
import { removeCluster } from '../cluster/teardown.ts';
import { type GitopsOptions, gitops, type Part } from './gitops.ts';
import { type RolloutsOptions, rollouts } from './rollouts.ts';
import { type CommonOptions, runBench } from './run.ts';

const started = performance.now();
const say = (line: string): void => {
  process.stderr.write(`${((performance.now() - started) / 1000).toFixed(0).padStart(5)} s  ${line}\n`);
};
/** The cluster of the benchmark that runs. */
let cluster = 'bench';

const program = new Command('bench').description('Measures what the controller needs. It judges nothing.');
withCommon(program.command('gitops'))
  .description('Applications of 4 objects each: many from one repository, many from their own, commits, drift, rest')
  .option('--applications <number>', 'how many', whole, 1000)
  .option('--idle <minutes>', 'how long it is measured while nothing happens', minutes, 10)
  .option('--only <part>', 'one: all from one repository; many: each from its own', part)
  .action(async (options: CommonOptions & GitopsOptions) => {
    cluster = options.name;
    await runBench(`${options.applications} Applications of 4 objects`, options, say, (bench) =>
      gitops(bench, options),
    );
  });
withCommon(program.command('rollouts'))
  .description('Rollouts of 2 pods on simulated nodes: all created, all updated at once in steps, rest')
  .option(
    '--rollouts <numbers>',
    'how many; several numbers, separated by commas, are measured one after another',
    list,
    [500],
  )
  .option('--idle <minutes>', 'how long it is measured while nothing happens', minutes, 5)
  .action(async (options: CommonOptions & RolloutsOptions) => {
    cluster = options.name;
    await runBench('Rollouts of 2 pods, 4 steps', options, say, (bench) => rollouts(bench, options));
  });

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void removeCluster(cluster, folders()).finally(() => process.exit(130));
  });
}
await program.parseAsync();
// What the clients still hold open must not keep the process.
process.exit();

function withCommon(command: Command): Command {
  return command
    .option('--name <name>', 'name of the local cluster', 'bench')
    .option('--json <file>', 'write the numbers to this file too')
    .option('--cpu-prof <folder>', 'write CPU profiles of the controller to this folder')
    .option('--kube-qps <number>', 'the flag of the controller')
    .option('--node-option <option>', 'of Node.js, for the controller; may be repeated', collect, []);
}

function collect(one: string, all: readonly string[]): string[] {
  return [...all, one];
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('a whole number from 1');
  return value;
}

function list(text: string): number[] {
  return text.split(',').map(whole);
}

function minutes(text: string): number {
  const value = Number(text);
  if (!(value >= 0)) throw new InvalidArgumentError('minutes, from 0');
  return value;
}

function part(text: string): Part {
  if (text !== 'one' && text !== 'many') throw new InvalidArgumentError('one or many');
  return text;
}
