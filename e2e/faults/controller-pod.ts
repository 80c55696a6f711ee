import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../cluster/folders.ts';
import { identify, readIfThere, runningPids, signal } from '../cluster/process-identity.ts';
import { until } from '../cluster/wait.ts';
import type { Kubectl } from '../journeys/kubectl.ts';

const NAME = 'slipway-controller';
const SYSTEM = ['--namespace', 'slipway-system'];
const SELECTOR = '--selector=app.kubernetes.io/component=controller';
const FINALIZER = 'test.slipway.dev/keep';
/** Bound that only ends a test that would never end. */
const WITHIN = '--timeout=120s';

/** What the controller's process can do, as it says itself. */
const PORTRAIT = `
  const { readFileSync, writeFileSync } = require('node:fs');
  const status = readFileSync('/proc/1/status', 'utf8');
  const field = (name) => new RegExp('^' + name + ':\\\\s*(\\\\S+)', 'm').exec(status)[1];
  const write = (file) => { try { writeFileSync(file, ''); return 'done'; } catch (error) { return error.code; } };
  console.log(JSON.stringify({
    uid: Number(field('Uid')), capabilities: field('CapEff'), noNewPrivileges: field('NoNewPrivs'), seccomp: field('Seccomp'),
    writeToRoot: write('/app/x'), writeToCache: write('/cache/git/x'),
  }));`;

/** How a process ended, as the kubelet saw it. */
export interface Ending {
  readonly exitCode: number;
  readonly reason: string;
  /** Whether it ended before the pod's grace period did. */
  readonly inTime: boolean;
}

/** The controller in a cluster: installed with the command that the README tells, watched from outside. */
export class ControllerPod {
  readonly #kubectl: Kubectl;
  readonly #image: string;
  readonly #scratch: string;

  constructor(kubectl: Kubectl, image: string, scratch: string) {
    this.#kubectl = kubectl;
    this.#image = image;
    this.#scratch = scratch;
  }

  /** Applies crds/ and deploy/ with the image replaced, and resolves when the Deployment is Available. */
  async install(webhookSecret: string): Promise<void> {
    const root = repositoryRoot();
    const deploy = join(this.#scratch, 'deploy');
    mkdirSync(deploy, { recursive: true });
    for (const file of readdirSync(join(root, 'deploy'))) {
      const text = readFileSync(join(root, 'deploy', file), 'utf8');
      writeFileSync(join(deploy, file), text.replace(/^( +image: ).+$/m, `$1${this.#image}`));
    }
    // Sorts between the namespace and the Deployment.
    writeFileSync(join(deploy, 'credentials.yaml'), secretManifest(webhookSecret));
    await this.#kubectl.run('apply', '-f', join(root, 'crds'), '-f', deploy);
    await this.run('wait', `deployment/${NAME}`, '--for=condition=Available', WITHIN);
  }

  /** kubectl in the controller's namespace. */
  run(...args: string[]): Promise<string> {
    return this.#kubectl.run(...SYSTEM, ...args);
  }

  /** Name of the only pod that is not being deleted. */
  async name(): Promise<string> {
    const pods = JSON.parse(await this.run('get', 'pods', SELECTOR, '--output=json')) as {
      items: { metadata: { name: string; deletionTimestamp?: string } }[];
    };
    const names = pods.items.filter((pod) => pod.metadata.deletionTimestamp === undefined).map((p) => p.metadata.name);
    if (names.length !== 1) throw new Error(`expected one pod of the controller, found ${names.join(', ') || 'none'}`);
    return names[0] as string;
  }

  /** Identity that holds the Lease: the pod's name, `_`, and a part that is new in every process. Empty when it is free. */
  leaseHolder(): Promise<string> {
    return this.run('get', 'lease', NAME, '--output=jsonpath={.spec.holderIdentity}');
  }

  /** User, rights and disk of the running process. */
  async selfPortrait(): Promise<unknown> {
    return JSON.parse(await this.run('exec', `deployment/${NAME}`, '--', 'node', '--eval', PORTRAIT));
  }

  /** Everything that the current pod, or the container before in it, has logged. */
  async log(which: 'current' | 'previous' = 'current'): Promise<string[]> {
    const args = which === 'previous' ? ['--previous'] : [];
    return (await this.run('logs', await this.name(), ...args)).trimEnd().split('\n');
  }

  /** Ends the process without warning, as the kernel does when memory runs out. It runs on this machine, as all pods do. */
  async kill(): Promise<void> {
    const host = `HOSTNAME=${await this.name()}`;
    const isController = (pid: number): boolean =>
      readIfThere(`/proc/${pid}/environ`).split('\0').includes(host) &&
      readIfThere(`/proc/${pid}/cmdline`).includes('slipway.js');
    const pids = runningPids().filter(isController);
    const process = pids.length === 1 ? identify(pids[0] as number) : undefined;
    if (process === undefined || !signal(process, 'SIGKILL'))
      throw new Error(`found ${pids.length} controllers to kill`);
  }

  /** Deletes the Deployment and says how its process ended. */
  async uninstall(): Promise<Ending> {
    const name = await this.name();
    // Keeps the pod's object until its end has been read.
    await this.#finalizers(name, [FINALIZER]);
    await this.run('delete', 'deployment', NAME, '--wait=false');
    const ended = await until(
      async () => {
        const { metadata, spec, status } = JSON.parse(await this.run('get', 'pod', name, '--output=json')) as EndingPod;
        const terminated = status.containerStatuses[0]?.state.terminated;
        return terminated && { ...terminated, deadlineMs: deadlineOf(metadata, spec) };
      },
      { what: `pod ${name} to end`, timeoutMs: 120_000, intervalMs: 200 },
    );
    await this.#finalizers(name, null);
    const inTime = Date.parse(ended.finishedAt) < ended.deadlineMs;
    return { exitCode: ended.exitCode, reason: ended.reason, inTime };
  }

  async #finalizers(pod: string, finalizers: string[] | null): Promise<void> {
    const patch = JSON.stringify({ metadata: { finalizers } });
    await this.run('patch', 'pod', pod, '--type=merge', `--patch=${patch}`);
  }
}

interface EndingPod {
  readonly metadata: { readonly deletionTimestamp?: string; readonly deletionGracePeriodSeconds?: number };
  readonly spec: { readonly terminationGracePeriodSeconds: number };
  readonly status: {
    readonly containerStatuses: readonly {
      readonly state: { readonly terminated?: { exitCode: number; reason: string; finishedAt: string } };
    }[];
  };
}

/**
 * When a pod that is being deleted must have ended, in milliseconds since the epoch. deletionTimestamp is the time of the
 * request plus the grace period, and both are shortened to nothing when the kubelet has seen the containers end: only their
 * difference stays the same.
 */
function deadlineOf(
  { deletionTimestamp = '', deletionGracePeriodSeconds = 0 }: EndingPod['metadata'],
  spec: EndingPod['spec'],
): number {
  const requestedMs = Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000;
  return requestedMs + spec.terminationGracePeriodSeconds * 1000;
}

function secretManifest(secret: string): string {
  const metadata = { name: 'slipway-webhook', namespace: 'slipway-system' };
  return JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata, stringData: { secret } });
}
