import { InvalidArgumentError, Option } from 'commander';
import { abort, promote, restart, retry } from '../rollout/actions.ts';
import { duration } from './arguments.ts';
import type { Cli } from './cli.ts';
import { act } from './commands/act.ts';
import { getExperiment } from './commands/get-experiment.ts';
import { getRollout } from './commands/get-rollout.ts';
import { status } from './commands/status.ts';
import { undo } from './commands/undo.ts';

/** The commands that show and steer one Rollout. */
export function addRolloutCommands({ program, run }: Cli): void {
  const get = program.command('get').description('show an object with all that belongs to it');
  get
    .command('rollout')
    .alias('ro')
    .argument('<name>')
    .option('-w, --watch', 'show it again after each change, until Ctrl-C')
    .action((name: string, options: { watch?: boolean }) => run((s) => getRollout(s, name, options.watch === true)));

  get
    .command('experiment')
    .alias('exp')
    .argument('<name>')
    .option('-w, --watch', 'show it again after each change, until Ctrl-C')
    .action((name: string, options: { watch?: boolean }) => run((s) => getExperiment(s, name, options.watch === true)));

  program
    .command('status')
    .description('wait until a rollout is healthy or degraded; exit code 1 when degraded')
    .argument('<rollout>')
    .addOption(new Option('--no-watch', 'print the phase once'))
    .option('-t, --timeout <duration>', 'give up after, for example 5m; 0 waits for ever', duration, 0)
    .action((name: string, options: { watch: boolean; timeout: number }) =>
      run((s) => status(s, name, options.watch, options.timeout)),
    );

  program
    .command('promote')
    .description('go on to the next step')
    .argument('<rollout>')
    .option('--full', 'skip all remaining steps, pauses and analysis')
    .action((name: string, options: { full?: boolean }) =>
      run((s) => act(s, name, (rollout) => promote(rollout, options.full === true))),
    );

  program
    .command('abort')
    .description('send all requests back to the stable version')
    .argument('<rollout>')
    .action((name: string) => run((s) => act(s, name, abort)));

  program
    .command('retry')
    .description('start an aborted update over')
    .argument('<rollout>')
    .action((name: string) => run((s) => act(s, name, retry)));

  program
    .command('restart')
    .description('replace all pods of a rollout, a few at a time')
    .argument('<rollout>')
    .action((name: string) => run((s) => act(s, name, (rollout) => restart(rollout, s.clock.now()))));

  program
    .command('undo')
    .description('go back to an earlier revision')
    .argument('<rollout>')
    .option('--to-revision <number>', 'revision to go back to (default: the one before)', (text) => {
      if (!/^[1-9][0-9]*$/.test(text)) throw new InvalidArgumentError('a revision is a positive number');
      return Number(text);
    })
    .option('--force', 'also when an Application manages the rollout')
    .action((name: string, options: { toRevision?: number; force?: boolean }) => run((s) => undo(s, name, options)));
}
