import { writeSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { isKubeError } from '../kube/errors.ts';
import { parseDuration } from '../platform/duration.ts';
import { messageOf, SlipwayError } from '../platform/errors.ts';
import { abort, promote, retry } from '../rollout/actions.ts';
import { act } from './commands/act.ts';
import { getRollout } from './commands/get-rollout.ts';
import { status } from './commands/status.ts';
import { undo } from './commands/undo.ts';
import { type ConnectionFlags, openSession } from './open-session.ts';
import type { Session } from './session.ts';

/** Exit codes: 0 done, 1 the answer is bad (degraded, timed out), 2 the command could not be carried out. */
const ANSWERS = new Set(['RolloutDegraded', 'StatusTimeout']);

const program = new Command('kubectl-slipway')
  .description('Show and steer Slipway rollouts')
  .option('-n, --namespace <name>', 'namespace (default: that of the context)')
  .option('--context <name>', 'context of the kubeconfig')
  .option('--kubeconfig <file>', 'kubeconfig to use (default: $KUBECONFIG, then ~/.kube/config)')
  .option('--no-color', 'no colours')
  .showHelpAfterError('run with --help for usage');

/** Runs one command with a session, and makes every failure one line and an exit code. */
async function run(work: (session: Session) => Promise<void>): Promise<void> {
  let close = async (): Promise<void> => {};
  try {
    const opened = openSession(program.opts<ConnectionFlags>());
    close = opened.close;
    await work(opened.session);
  } catch (error) {
    const code = error instanceof SlipwayError ? error.code : undefined;
    writeSync(2, `error${code === undefined ? '' : ` (${code})`}: ${messageOf(error)}\n`);
    if (code === undefined && !isKubeError(error) && error instanceof Error && process.env['SLIPWAY_DEBUG'])
      console.error(error.stack);
    process.exitCode = code !== undefined && ANSWERS.has(code) ? 1 : 2;
  } finally {
    await close();
  }
}

function duration(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error));
  }
}

program
  .command('get')
  .description('show an object with all that belongs to it')
  .command('rollout')
  .alias('ro')
  .argument('<name>')
  .option('-w, --watch', 'show it again after each change, until Ctrl-C')
  .action((name: string, options: { watch?: boolean }) => run((s) => getRollout(s, name, options.watch === true)));

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
  .command('undo')
  .description('go back to an earlier revision')
  .argument('<rollout>')
  .option('--to-revision <number>', 'revision to go back to (default: the one before)', (text) => {
    if (!/^[1-9][0-9]*$/.test(text)) throw new InvalidArgumentError('a revision is a positive number');
    return Number(text);
  })
  .option('--force', 'also when an Application manages the rollout')
  .action((name: string, options: { toRevision?: number; force?: boolean }) => run((s) => undo(s, name, options)));

await program.parseAsync();
