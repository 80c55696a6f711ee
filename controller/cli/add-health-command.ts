import { Option } from 'commander';
import type { Cli } from './cli.ts';
import { health } from './commands/health.ts';

export function addHealthCommand({ program, runLocally }: Cli): void {
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
    .option(
      '--rules <file>',
      'judge by the spec.healthChecks of this Application, or by this list of such rules, first',
    )
    .addOption(new Option('-o, --output <format>', 'json prints one object per line').choices(['json']))
    .action(({ filename, rules, output = 'text' }: { filename: string[]; rules?: string; output?: 'json' | 'text' }) =>
      runLocally((io) => health(io, filename, output, rules)),
    );
}
