import { Command, Option } from 'commander';
import { duration, ensurePrograms } from './build.ts';
import { startCluster } from './cluster.ts';
import { clusterDir, clusterNames, readCluster } from './cluster-record.ts';
import { kubeconfigFile } from './context.ts';
import { ClusterError } from './errors.ts';
import { folders as defaultFolders } from './folders.ts';
import { PROFILES, type Profile } from './layout.ts';
import { isProgramName, PROGRAMS, type ProgramName } from './programs.ts';
import { clusterStatus, isUp, renderStatus } from './status.ts';
import { removeCluster } from './teardown.ts';

const folders = defaultFolders();
const started = performance.now();
const say = (line: string): void => console.error(line);
const took = (): string => duration((performance.now() - started) / 1000);

const program = new Command('cluster').description('Real Kubernetes clusters on this machine, built from source.');
const nameOption = (): Option => new Option('--name <name>', 'which cluster').default('slipway');

program
  .command('up')
  .description('bring a cluster up, or heal it: starts what is missing and keeps what runs')
  .addOption(new Option('--profile <profile>', 'what it consists of').choices(PROFILES).default('node'))
  .addOption(nameOption())
  .action(async ({ name, profile }: { name: string; profile: Profile }) => {
    const cluster = await startCluster({ name, profile, onProgress: say });
    say(`cluster ${name} is up (${took()}): export KUBECONFIG=${cluster.kubeconfigPath}`);
  });

program
  .command('down')
  .description('remove a cluster and everything it left on this machine')
  .addOption(nameOption())
  .action(async ({ name }: { name: string }) => {
    await removeCluster(name, folders);
    say(`cluster ${name} is gone (${took()})`);
  });

program
  .command('status')
  .description('what runs, and whether it is healthy; exit code 1 if something is not')
  .option('--name <name>', 'only this cluster')
  .action(async ({ name }: { name?: string }) => {
    const names = name === undefined ? clusterNames(folders) : [name];
    if (names.length === 0) say('there is no cluster');
    for (const each of names) {
      const status = await clusterStatus(each, folders);
      console.log(status === undefined ? `there is no cluster ${each}` : renderStatus(status));
      if (status === undefined || !isUp(status)) process.exitCode = 1;
    }
  });

program
  .command('kubeconfig')
  .description("print the path of the administrator's kubeconfig")
  .addOption(nameOption())
  .action(({ name }: { name: string }) => {
    if (readCluster(name, folders) === undefined) throw new ClusterError(`there is no cluster ${name}; see \`up\``);
    console.log(kubeconfigFile({ dir: clusterDir(name, folders) }, 'admin'));
  });

program
  .command('build')
  .description('build programs into the cache without starting anything')
  .argument('<program...>', `"all" or: ${Object.keys(PROGRAMS).join(', ')}`)
  .action(async (words: string[]) => {
    const names = words.includes('all') ? (Object.keys(PROGRAMS) as ProgramName[]) : words.map(programName);
    await ensurePrograms(names, folders, say);
    say(`built: ${names.join(', ')}`);
  });

function programName(word: string): ProgramName {
  if (isProgramName(word)) return word;
  throw new ClusterError(`there is no program "${word}"; choose from: ${Object.keys(PROGRAMS).join(', ')}`);
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof ClusterError)) throw error;
  say(`error: ${error.message}`);
  process.exitCode = 1;
}
