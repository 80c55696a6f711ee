import { writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { Command, CommanderError } from 'commander';
import { isKubeError } from '../kube/errors.ts';
import { messageOf, SlipwayError } from '../platform/errors.ts';
import { addAppCommands } from './add-app-commands.ts';
import { addAppDiffCommand } from './add-app-diff-command.ts';
import { addDiffCommand } from './add-diff-command.ts';
import { addHealthCommand } from './add-health-command.ts';
import { addRolloutCommands } from './add-rollout-commands.ts';
import type { Cli } from './cli.ts';
import { type ConnectionFlags, openSession } from './open-session.ts';
import { plainText } from './plain-text.ts';
import { painter } from './render/table.ts';

/** Exit codes: 0 done, 1 the answer is no (degraded, timed out), 2 the command could not be carried out. */
const ANSWERS = new Set(['RolloutDegraded', 'StatusTimeout', 'WaitTimeout', 'WaitInVain', 'SyncFailed']);
/** As a shell reports a process that SIGINT ended. */
const EXIT_INTERRUPTED = 130;

const program = new Command('kubectl-slipway')
  .description('Show and steer the applications and rollouts of Slipway')
  .option('-n, --namespace <name>', 'namespace (default: that of the context)')
  .option('--context <name>', 'context of the kubeconfig')
  .option('--kubeconfig <file>', 'kubeconfig to use (default: $KUBECONFIG, then ~/.kube/config)')
  .option('--no-color', 'no colours')
  .showHelpAfterError('run with --help for usage')
  .exitOverride();

const run: Cli['run'] = (work) =>
  guarded(async () => {
    const { session, close } = openSession(program.opts<ConnectionFlags>());
    try {
      await work(session);
    } finally {
      await close();
    }
  });

const cli: Cli = {
  program,
  run,
  ask: (question) =>
    run(async (session) => {
      if (!(await question(session))) process.exitCode = 1;
    }),
  runLocally: (work) =>
    guarded(async () => {
      const io = {
        read: (file: string) => (file === '-' ? text(process.stdin) : readFile(file, 'utf8')),
        print: (line: string) => console.log(line),
        paint: painter(program.opts<ConnectionFlags>().color && process.stdout.isTTY === true),
      };
      if (!(await work(io))) process.exitCode = 1;
    }),
};

/** Makes every failure one line and an exit code. */
async function guarded(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const code = error instanceof SlipwayError ? error.code : undefined;
    writeSync(2, `error${code === undefined ? '' : ` (${code})`}: ${plainText(messageOf(error))}\n`);
    if (code === undefined && !isKubeError(error) && error instanceof Error && process.env['SLIPWAY_DEBUG'])
      console.error(error.stack);
    process.exitCode = exitCodeOf(code);
  }
}

function exitCodeOf(code: string | undefined): number {
  if (code === 'Interrupted') return EXIT_INTERRUPTED;
  return code !== undefined && ANSWERS.has(code) ? 1 : 2;
}

addAppDiffCommand(addAppCommands(cli), cli);
addRolloutCommands(cli);
addHealthCommand(cli);
addDiffCommand(cli);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // Commander has said what is wrong, or shown the help.
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
