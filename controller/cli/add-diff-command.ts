import { Option } from 'commander';
import type { Cli } from './cli.ts';
import { diff } from './commands/diff.ts';

export function addDiffCommand({ program, runLocally }: Cli): void {
  program
    .command('diff')
    .description(
      'say what applying would change in live objects; needs no cluster; exit code 1 when something is different',
    )
    .requiredOption('--desired <file>', 'the objects as Git has them; YAML or JSON, - for standard input')
    .requiredOption('--live <file>', 'the same objects as the cluster has them')
    .addOption(new Option('-o, --output <format>', 'json prints one object per line').choices(['json']))
    .addHelpText(
      'after',
      `
Fields that Git had and has no more are told by managedFields, which kubectl hides:
  kubectl get deployment web -o yaml --show-managed-fields > live.yaml
  kubectl slipway diff --desired web.yaml --live live.yaml

Exit codes: 0 all the same, 1 something is different, 2 the input cannot be read.
Values of Secrets are not shown.`,
    )
    .action((options: { desired: string; live: string; output?: 'json' }) =>
      runLocally((io) => diff(io, options, options.output ?? 'text')),
    );
}
