import { type Command, Option } from 'commander';
import type { Cli } from './cli.ts';
import { type AppDiffOptions, appDiff } from './commands/app-diff.ts';

/** `app diff`, in the group of commands for Applications. */
export function addAppDiffCommand(app: Command, { ask }: Cli): void {
  app
    .command('diff')
    .description('show what a sync would change, by a dry run of the API server; exit code 1 when something would')
    .argument('<name>')
    .option('--path <folder>', 'a folder on this machine instead of Git: what a merge would change')
    .option('--revision <revision>', 'branch, tag or commit of Git (default: that of the application)')
    .option('--resource <kind/name>', 'only this object; may be repeated', (text: string, all: string[] = []) => [
      ...all,
      text,
    ])
    .addOption(new Option('-o, --output <format>', 'json prints one object per line').choices(['json']))
    .addHelpText(
      'after',
      `
Exit codes: 0 nothing would change, 1 something would, 2 something could not be compared.
Nothing is written. Values of Secrets are not shown.`,
    )
    .action((name: string, options: AppDiffOptions, command: Command) => {
      if (options.path === undefined || options.revision === undefined) return ask((s) => appDiff(s, name, options));
      return command.error('error: give either --path FOLDER or --revision REVISION');
    });
}
