import { type SpawnOptions, spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { ClusterError } from './errors.ts';
import { toolEnvironment } from './tool-environment.ts';

/** Where and how a command runs. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Text for its standard input. */
  readonly input?: string;
  /** Appends its output to this file instead of collecting it. */
  readonly logFile?: string;
  /** Named in the error, e.g. "building etcd 3.6.16". */
  readonly purpose?: string;
}

const LAST_LINES = 15;

/** Runs a command to its end and returns what it printed. Fails with the command, its last lines and its log file. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const log = options.logFile === undefined ? undefined : await open(options.logFile, 'w');
  try {
    const stdio: SpawnOptions['stdio'] = [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'];
    const child = spawn(command, args, { cwd: options.cwd, env: options.env ?? toolEnvironment(), stdio });
    let stdout = '';
    let all = '';
    const keep = (chunk: Buffer, isOutput: boolean): void => {
      if (isOutput) stdout += chunk.toString();
      all = (all + chunk.toString()).slice(-64_000);
      if (log !== undefined) void log.write(chunk);
    };
    child.stdout?.on('data', (chunk: Buffer) => keep(chunk, true));
    child.stderr?.on('data', (chunk: Buffer) => keep(chunk, false));
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input);
    const outcome = await new Promise<string | undefined>((resolve) => {
      child.on('error', (error) => resolve(error.message));
      child.on('close', (code, signal) => resolve(code === 0 ? undefined : (signal ?? `exit code ${code}`)));
    });
    if (outcome !== undefined) throw new ClusterError(failureMessage(command, args, outcome, all, options));
    return stdout;
  } finally {
    await log?.close();
  }
}

/** What a developer needs to see of a failed command. */
export function failureMessage(
  command: string,
  args: readonly string[],
  outcome: string,
  output: string,
  options: Pick<RunOptions, 'cwd' | 'logFile' | 'purpose'> = {},
): string {
  const lines = [
    `${options.purpose ?? command} failed (${outcome})`,
    `  command: ${[command, ...args].map(quote).join(' ')}`,
  ];
  if (options.cwd !== undefined) lines.push(`  in:      ${options.cwd}`);
  const last = lastLines(output);
  if (last.length > 0) lines.push('  last lines:', ...last.map((line) => `    ${line}`));
  if (options.logFile !== undefined) lines.push(`  full log: ${options.logFile}`);
  return lines.join('\n');
}

/** The last lines of a text that say something. */
export function lastLines(text: string, count: number = LAST_LINES): string[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-count);
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
