import { type Command, Option } from 'commander';
import { duration, historyId, resource } from './arguments.ts';
import type { Cli } from './cli.ts';
import { appDelete, type DeleteFlags } from './commands/app-delete.ts';
import { appResume, appSuspend } from './commands/app-suspend.ts';
import { appRollback, appSync, type RollbackFlags, type SyncFlags } from './commands/app-sync.ts';

/** The commands that change an Application. */
export function addAppActions(app: Command, run: Cli['run']): void {
  const following = (command: Command): Command =>
    command
      .option('--wait', 'also until the application is healthy')
      .addOption(new Option('--async', 'only ask for it').conflicts('wait'))
      .option('-t, --timeout <duration>', 'give up waiting after; 0 waits for ever', duration, 0);

  following(
    app
      .command('sync')
      .description('bring an application to what Git says, now; exit code 1 when that fails')
      .argument('<name>')
      .option('--revision <revision>', 'branch, tag or commit to sync to this once')
      .option('--prune', 'delete what is gone from Git')
      .option('--no-prune', 'delete nothing (default: what the application says)')
      .option('--resource <group:kind:ns/name>', 'only this object; may be repeated', resource),
  ).action((name: string, flags: SyncFlags) => run((s) => appSync(s, name, flags)));

  following(
    app
      .command('rollback')
      .description('go back to an earlier sync, and suspend the application; exit code 1 when that fails')
      .argument('<name>')
      .argument('[id]', 'one of "app history" (default: the one before the last)', historyId)
      .option('--prune', 'delete what that sync did not have')
      .option('--no-prune', 'delete nothing (default: what the application says)'),
  ).action((name: string, id: number | undefined, flags: RollbackFlags) => run((s) => appRollback(s, name, id, flags)));

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
