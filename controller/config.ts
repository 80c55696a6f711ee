import { Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from './platform/duration.ts';
import { messageOf } from './platform/errors.ts';

/** Everything that can be set when the controller starts. docs/reference/flags.md says the same to users. */
export interface Config {
  kubeconfig?: string;
  /** Namespace of the Lease. */
  leaseNamespace: string;
  /** Name of the Lease. */
  leaseName: string;
  /** API group of the Rollouts and what belongs to them. */
  apiGroup: ApiGroup;
  /** In compatibility mode: the controller instance whose objects are served. */
  instanceId?: string;
  leaderElect: boolean;
  /** host:port of probes and metrics. */
  probeListen: string;
  /** host:port of metrics alone, beside `probeListen`. */
  metricsListen?: string;
  /** host:port of the webhook; none without it. */
  webhookListen?: string;
  /** File with one webhook secret per line; read again for each call. */
  webhookSecretFile?: string;
  /** Folder for bare Git repositories; may be lost at any time. */
  gitCacheDir: string;
  /** Milliseconds between two looks at a branch. */
  gitPollIntervalMs: number;
  logLevel: string;
  /** Requests per second to the API server; bursts may be twice that. */
  kubeQps: number;
}

/** The own group, or that of Argo Rollouts: compatibility mode. */
export type ApiGroup = 'slipway.dev' | 'argoproj.io';

/** Where the metrics of Argo Rollouts are. */
const ARGO_METRICS_LISTEN = '0.0.0.0:8090';

/** Parses the command line; prints usage and exits on a mistake, as every program does. */
export function parseConfig(argv: readonly string[]): Config {
  const program = new Command('slipway')
    .description('GitOps deployment and rollout controller for model serving')
    .option('--kubeconfig <file>', 'kubeconfig to use (default: $KUBECONFIG, ~/.kube/config, then the pod)')
    .addOption(
      new Option('--api-group <group>', 'API group of the Rollouts: argoproj.io is compatibility mode')
        .choices(['slipway.dev', 'argoproj.io'])
        .default('slipway.dev'),
    )
    .option('--instance-id <id>', 'with --api-group argoproj.io: serve only what is labelled with this instance')
    .option(
      '--lease-namespace <name>',
      'namespace of the leader election Lease (default: slipway-system; argo-rollouts)',
    )
    .option('--no-leader-elect', 'do not elect a leader: only when there is exactly one controller')
    .option('--probe-listen <host:port>', 'where /healthz, /readyz and /metrics are', listen, '0.0.0.0:8080')
    .option(
      '--metrics-listen <host:port>',
      'where /metrics is as well (default with argoproj.io: 0.0.0.0:8090)',
      listen,
    )
    .option('--webhook-listen <host:port>', 'where forges send pushes to, path /webhook', listen)
    .option('--webhook-secret-file <file>', 'file with the secrets of the webhooks, one per line')
    .option('--git-cache-dir <folder>', 'where bare repositories are kept; may be lost at any time', '/tmp/slipway-git')
    .option('--git-poll-interval <duration>', 'time between two looks at a branch', duration, 60_000)
    .option('--kube-qps <number>', 'requests per second to the API server', positive, 300)
    .option('--log-level <level>', 'debug, info, warn or error', level, 'info');
  program.parse(argv, { from: 'user' });
  const { gitPollInterval, leaseNamespace, ...rest } = program.opts<Options>();
  if (rest.webhookListen !== undefined && rest.webhookSecretFile === undefined)
    program.error('error: --webhook-listen needs --webhook-secret-file: unsigned calls are never accepted');
  const { instanceId } = rest;
  if (rest.apiGroup === 'slipway.dev') {
    if (instanceId !== undefined) program.error('error: --instance-id needs --api-group argoproj.io');
    const lease = { leaseNamespace: leaseNamespace ?? 'slipway-system', leaseName: 'slipway-controller' };
    return { ...rest, ...lease, gitPollIntervalMs: gitPollInterval };
  }
  if (instanceId !== undefined && !/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/.test(instanceId))
    program.error('error: --instance-id must be the value of a label: letters, digits, and -_. inside, at most 63');
  // The Lease of Argo Rollouts itself: while one of the two controllers leads, the other one waits.
  const lock = 'argo-rollouts-controller-lock';
  return {
    ...rest,
    leaseNamespace: leaseNamespace ?? 'argo-rollouts',
    leaseName: instanceId === undefined ? lock : `${lock}-${instanceId}`,
    metricsListen: rest.metricsListen ?? ARGO_METRICS_LISTEN,
    gitPollIntervalMs: gitPollInterval,
  };
}

/** As the command line is read. */
type Options = Omit<Config, 'gitPollIntervalMs' | 'leaseNamespace' | 'leaseName'> & {
  gitPollInterval: number;
  leaseNamespace?: string;
};

/** Splits host:port; the host may be an IPv6 address in brackets. */
export function splitListen(text: string): { host: string; port: number } {
  const match = /^(.*):(\d{1,5})$/.exec(text);
  return { host: (match?.[1] ?? '').replace(/^\[|\]$/g, ''), port: Number(match?.[2]) };
}

function listen(text: string): string {
  const { host, port } = splitListen(text);
  if (host === '' || !(port <= 65_535)) throw new InvalidArgumentError('write host:port, for example 0.0.0.0:8080');
  return text;
}

function duration(text: string): number {
  try {
    const ms = parseDuration(text);
    if (ms >= 1000) return ms;
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error));
  }
  throw new InvalidArgumentError('at least 1s');
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('a number above 0');
  return value;
}

function level(text: string): string {
  if (!['debug', 'info', 'warn', 'error'].includes(text)) throw new InvalidArgumentError('debug, info, warn or error');
  return text;
}
