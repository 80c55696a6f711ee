import { writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { isKubeError } from '../kube/errors.ts';
import { parseDuration } from '../platform/duration.ts';
import { messageOf, SlipwayError } from '../platform/errors.ts';
import { abort, promote, retry } from '../rollout/actions.ts';
import { act } from './commands/act.ts';
import { getRollout } from './commands/get-rollout.ts';
import { health } from './commands/health.ts';
import { status } from './commands/status.ts';
import { undo } from './commands/undo.ts';
import { type ConnectionFlags, openSession } from './open-session.ts';
import { painter } from './render/table.ts';
import type { Session } from './session.ts';

/** Exit codes: 0 done, 1 the answer is bad (degraded, timed out), 2 the command could not be carried out. */
const ANSWERS = new Set(['RolloutDegraded', 'StatusTimeout']);

const program = new Command('kubectl-slipway')
  .description('Show and steer Slipway rollouts')
  .option('-n, --namespace <name>', 'namespace (default: that of the context)')
  .option('--context <name>', 'context of the kubeconfig')
  .option('--kubeconfig <file>', 'kubeconfig to use (default: $KUBECONFIG, then ~/.kube/config)')
  .option('--no-color', 'no colours')
  .showHelpAfterError('run with --help for usage')
  .exitOverride();

/** Runs one command with a session. */
function run(work: (session: Session) => Promise<void>): Promise<void> {
  return guarded(async () => {
    const { session, close } = openSession(program.opts<ConnectionFlags>());
    try {
      await work(session);
    } finally {
      await close();
    }
  });
}

/** Makes every failure one line and an exit code. */
async function guarded(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const code = error instanceof SlipwayError ? error.code : undefined;
    writeSync(2, `error${code === undefined ? '' : ` (${code})`}: ${messageOf(error)}\n`);
    if (code === undefined && !isKubeError(error) && error instanceof Error && process.env['SLIPWAY_DEBUG'])
      console.error(error.stack);
    process.exitCode = code !== undefined && ANSWERS.has(code) ? 1 : 2;
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

program
  .command('health')
  .description(
    'say what health each object of a file has, and why; needs no cluster; exit code 1 when not all are well',
  )
  .requiredOption(
    '-f, --filename <file>',
    'YAML or JSON, - for standard input; may be repeated',
    (file: string, files: string[] = []) => [...files, file],
  )
  .addOption(new Option('-o, --output <format>', 'json prints one object per line').choices(['json']))
  .action((options: { filename: string[]; output?: 'json' }) =>
    guarded(async () => {
      const io = {
        read: (file: string) => (file === '-' ? text(process.stdin) : readFile(file, 'utf8')),
        print: (line: string) => console.log(line),
        paint: painter(program.opts<ConnectionFlags>().color && process.stdout.isTTY === true),
      };
      if (!(await health(io, options.filename, options.output ?? 'text'))) process.exitCode = 1;
    }),
  );

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // Commander has said what is wrong, or shown the help.
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
