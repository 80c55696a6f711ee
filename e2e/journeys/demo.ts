import { Command } from 'commander';
import { duration } from '../cluster/build.ts';
import { ClusterError, describe } from '../cluster/errors.ts';
import { CONTROLLER_USER } from './controller-process.ts';
import { type Cost, measureCost } from './cost.ts';
import { type Environment, startEnvironment } from './environment.ts';
import { JOURNEYS, type Story } from './journeys.ts';
import { Live } from './live.ts';
import { type GivenCluster, givenPlace, localPlace, removePlace } from './place.ts';
import { NAME } from './stage.ts';
import { summarize } from './summary.ts';

/** The demo's options as commander gives them. */
interface Options {
  name: string;
  keep?: boolean;
  useKubeconfig?: string;
  imageRegistry?: string;
  imageHost?: string;
  hostAddress?: string;
}

/** How long the controller is measured at rest. */
const REST_SECONDS = 30;

const program = new Command('demo')
  .description('Walks the main journeys on a real cluster and checks what must be true after each.')
  .option('--name <name>', 'name of the local cluster', 'demo')
  .option('--keep', 'leave everything running and say how to look at it')
  .option('--use-kubeconfig <file>', 'use this cluster instead of making one')
  .option('--image-registry <host:port>', 'with --use-kubeconfig: where this machine pushes images, without TLS')
  .option('--image-host <host>', 'with --use-kubeconfig: what the nodes call that registry (default: the same)')
  .option('--host-address <address>', 'with --use-kubeconfig: address of this machine that pods can reach')
  .parse();
const options = program.opts<Options>();
const given = givenCluster(options);
const live = new Live();
const started = performance.now();
let removing: Promise<void> | undefined;

/** Removes everything, once. */
function remove(): Promise<void> {
  removing ??= (async () => {
    live.done();
    live.say('removing everything that the demo started');
    await removePlace(options.name, given);
  })();
  return removing;
}

for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => {
    void remove().finally(() => process.exit(130));
  });
}

let environment: Environment | undefined;
let failed = true;
try {
  live.say(
    `the demo takes about 5 minutes; the first run also builds Kubernetes, Traefik and Gitea (about 15 minutes)`,
  );
  const place =
    given === undefined ? await localPlace(options.name, live.say) : await givenPlace(options.name, given, live.say);
  environment = await startEnvironment(place, live);
  failed = !(await tell(environment));
} catch (error) {
  // What fails because everything is being removed is no news.
  if (removing === undefined) await report(error);
}
await environment?.close();
if (options.keep === true) await keep(environment);
else await remove();
live.say(`${failed ? 'FAILED' : 'done'} after ${duration((performance.now() - started) / 1000)}`);
process.exit(failed ? 1 : 0);

/** Prints why the demo did not end well. */
async function report(error: unknown): Promise<void> {
  live.done();
  console.error(`\nThe demo failed: ${describe(error)}`);
  if (!(error instanceof ClusterError) && error instanceof Error) console.error(error.stack);
  await diagnose(environment);
}

/** Walks the journeys and prints the summary; false when a fact does not hold. */
async function tell(env: Environment): Promise<boolean> {
  const { place, controller, stage } = env;
  const story: Story = {};
  let cost: Cost | undefined;
  let problem: unknown;
  try {
    for (const journey of JOURNEYS) {
      live.say(`── ${journey.name}: ${journey.title}`);
      await journey.run(stage, story);
    }
    live.say(`measuring what the controller costs at rest (${REST_SECONDS} s)`);
    cost = await measureCost(controller.pid, CONTROLLER_USER, place.auditDir, REST_SECONDS);
  } catch (error) {
    problem = error;
  }
  await stage.traffic.stop();
  live.done();
  const { facts, traffic, timings, exhibits } = stage;
  console.log(`\n${summarize({ facts: facts.all, answers: traffic.answers, timings, exhibits, cost })}\n`);
  if (problem !== undefined) throw problem;
  if (facts.failed().length > 0) await diagnose(env);
  return facts.failed().length === 0;
}

/** Prints what is needed to find out why something did not happen. */
async function diagnose(env: Environment | undefined): Promise<void> {
  if (env === undefined) return;
  const { controller, stage } = env;
  const commands = [
    ['get', 'applications,rollouts,analysisruns,replicasets,pods', '-o', 'wide'],
    ['get', `rollout/${NAME}`, '-o', 'yaml'],
    ['get', 'events', '--sort-by=.lastTimestamp'],
  ];
  for (const command of commands) {
    const output = await stage.kubectl.inNamespace(...command).catch(describe);
    console.error(`\n$ kubectl ${command.join(' ')}\n${output.trimEnd().split('\n').slice(-120).join('\n')}`);
  }
  console.error(`\nThe controller's last lines (${controller.logFile}):\n${controller.logTail(40).join('\n')}`);
}

/** Says how to look at what is left running. */
async function keep(env: Environment | undefined): Promise<void> {
  if (env !== undefined) {
    const { gitea, mlflow, prometheus, traefik } = env.services;
    console.log(
      [
        'Everything is still running:',
        `  kubectl     ${env.stage.kubectl.prefix} get applications,rollouts`,
        `  Gitea       ${gitea.url}  (${gitea.user} / ${gitea.password}), repository ${gitea.user}/models`,
        `  MLflow      ${mlflow.url}`,
        `  Prometheus  ${prometheus.url}`,
        `  the model   ${traefik.url}/v2/models/${NAME}`,
        `  controller  process ${env.controller.pid}, log ${env.controller.logFile}`,
      ].join('\n'),
    );
  }
  console.log(`Remove what was started with: npm run cluster -- down --name ${options.name}`);
}

/** The given cluster, if there is one; ends the program when an option is missing. */
function givenCluster({ useKubeconfig, imageRegistry, imageHost, hostAddress }: Options): GivenCluster | undefined {
  if (useKubeconfig === undefined) return undefined;
  if (imageRegistry === undefined || hostAddress === undefined) {
    return program.error('error: --use-kubeconfig needs --image-registry and --host-address');
  }
  return { kubeconfig: useKubeconfig, imageRegistry, hostAddress, ...(imageHost === undefined ? {} : { imageHost }) };
}
