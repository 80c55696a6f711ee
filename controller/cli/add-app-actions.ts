import { type Command, Option } from 'commander';
import { duration } from './arguments.ts';
import type { Cli } from './cli.ts';
import { appDelete, type DeleteFlags } from './commands/app-delete.ts';
import { appResume, appSuspend } from './commands/app-suspend.ts';

/** The commands that change an Application. */
export function addAppActions(app: Command, run: Cli['run']): void {
  app
    .command('suspend')
    .description('let an application not be synced by itself any more, until it is resumed')
    .argument('<name>')
    .option('--reason <text>', 'why, for those who find it suspended')
    .action((name: string, options: { reason?: string }) => run((s) => appSuspend(s, name, options.reason)));

  app
    .command('resume')
    .description('end a suspension: bring the application to the newest revision')
    .argument('<name>')
    .action((name: string) => run((s) => appResume(s, name)));

  app
    .command('delete')
    .description('delete an application; exit code 1 when it is not gone in time')
    .argument('<name>')
    .addOption(
      new Option(
        '--cascade <policy>',
        'what becomes of its objects: each gone with all it owns (foreground), deleted (background), or kept (orphan); ' +
          'default: what the finalizers of the application say',
      ).choices(['foreground', 'background', 'orphan']),
    )
    .option('--wait', 'until it is gone')
    .option('-t, --timeout <duration>', 'with --wait, give up after; 0 waits for ever', duration, 0)
    .action((name: string, flags: DeleteFlags) => run((s) => appDelete(s, name, flags)));
}
