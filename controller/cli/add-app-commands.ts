import { type Command, Option } from 'commander';
import { addAppActions } from './add-app-actions.ts';
import { duration } from './arguments.ts';
import type { Cli } from './cli.ts';
import { appManifests, folderManifests } from './commands/app-manifests.ts';
import { appGet, appHistory, appList, type ListOptions } from './commands/app-show.ts';
import { appTree } from './commands/app-tree.ts';
import { appWait } from './commands/app-wait.ts';
import type { FolderOptions } from './read-folder.ts';
import { RAW_FORMATS, type RawFormat } from './render/raw-object.ts';

interface ManifestFlags extends FolderOptions {
  revision?: string;
  path?: string;
}

/** The commands that show and steer Applications. Returns the group, for those that have a file of their own. */
export function addAppCommands({ program, run, runLocally }: Cli): Command {
  const app = program.command('app').alias('application').description('show and steer applications');
  const output = (): Option => new Option('-o, --output <format>', 'for programs').choices(RAW_FORMATS);

  app
    .command('list')
    .alias('ls')
    .description('list applications, with how they stand')
    .option('-A, --all-namespaces', 'those of all namespaces')
    .addOption(output())
    .action((options: ListOptions) => run((s) => appList(s, options)));

  app
    .command('get')
    .description('show an application with its objects, and what is wrong')
    .argument('<name>')
    .addOption(output())
    .action((name: string, options: { output?: RawFormat }) => run((s) => appGet(s, name, options.output)));

  app
    .command('tree')
    .description('show the objects of an application, and below each what it owns in the cluster')
    .argument('<name>')
    .action((name: string) => run((s) => appTree(s, name)));

  app
    .command('manifests')
    .description('print what Git says, as it would be applied; or, without a cluster, what is in a folder')
    .argument('[name]', 'application; not with --path')
    .option('--revision <revision>', 'branch, tag or commit (default: that of the application)')
    .option('--path <folder>', 'a folder on this machine instead of an application')
    .option('--recurse', 'also the folders below it')
    .option('--include <glob>', 'only these files of it')
    .option('--exclude <glob>', 'not these files of it')
    .action((name: string | undefined, { revision, path, ...files }: ManifestFlags, command: Command) => {
      if (path === undefined && name !== undefined) return run((s) => appManifests(s, name, revision));
      if (path !== undefined && name === undefined) return runLocally((io) => folderManifests(io, path, files));
      return command.error('error: give either the name of an application or --path FOLDER');
    });

  app
    .command('history')
    .description('list the successful syncs of an application')
    .argument('<name>')
    .action((name: string) => run((s) => appHistory(s, name)));

  app
    .command('wait')
    .description('wait until an application is in sync and healthy; exit code 1 when that does not come')
    .argument('<name>')
    .option('--sync', 'only until it is in sync')
    .option('--health', 'only until it is healthy')
    .option('-t, --timeout <duration>', 'give up after, for example 5m; 0 waits for ever', duration, 0)
    .action((name: string, { sync, health, timeout }: { sync?: true; health?: true; timeout: number }) => {
      const both = sync === health;
      return run((s) => appWait(s, name, { sync: both || sync === true, health: both || health === true }, timeout));
    });

  addAppActions(app, run);
  return app;
}
