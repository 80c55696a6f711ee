/** A program built from a Go module that `programs/<module>/go.mod` pins. */
export interface Program {
  readonly version: string;
  /** Folder below `programs/`. */
  readonly module: string;
  /** Import path of the main package. */
  readonly package: string;
  readonly tags: readonly string[];
  readonly cgo: boolean;
  /** The version of Go that it asks for, fetched by the installed one; default: the installed one. */
  readonly toolchain?: string;
  /** Values set by the linker, as `import/path.variable=value`. Without them servers report v0.0.0. */
  readonly values: readonly string[];
  /** Measured on two cores after the programs above it, with an empty build cache at the start. */
  readonly seconds: number;
}

const KUBERNETES = '1.36.3';
const CONTAINERD = '2.3.7';
const ARGO_ROLLOUTS = '1.10.2';

function kubernetes(name: string, seconds: number): Program {
  const [major, minor] = KUBERNETES.split('.');
  const version = 'k8s.io/component-base/version';
  return {
    version: KUBERNETES,
    module: 'kubernetes',
    package: `k8s.io/kubernetes/cmd/${name}`,
    tags: [],
    cgo: false,
    values: [
      `${version}.gitVersion=v${KUBERNETES}`,
      `${version}.gitMajor=${major}`,
      `${version}.gitMinor=${minor}`,
      `${version}.gitTreeState=clean`,
      `k8s.io/client-go/pkg/version.gitVersion=v${KUBERNETES}`,
    ],
    seconds,
  };
}

function containerd(name: string, seconds: number): Program {
  return {
    version: CONTAINERD,
    module: 'containerd',
    package: `github.com/containerd/containerd/v2/cmd/${name}`,
    tags: ['no_btrfs', 'no_devmapper', 'no_zfs'],
    cgo: false,
    values: [`github.com/containerd/containerd/v2/version.Version=${CONTAINERD}`],
    seconds,
  };
}

function argoRollouts(name: string, seconds: number): Program {
  return {
    version: ARGO_ROLLOUTS,
    module: 'argo-rollouts',
    package: `github.com/argoproj/argo-rollouts/cmd/${name}`,
    tags: [],
    cgo: false,
    toolchain: 'go1.27.3',
    values: [`github.com/argoproj/argo-rollouts/utils/version.version=v${ARGO_ROLLOUTS}`],
    seconds,
  };
}

/** Every program that is built from source, in the order in which `build all` builds them. */
export const PROGRAMS = {
  'kube-apiserver': kubernetes('kube-apiserver', 160),
  'kube-controller-manager': kubernetes('kube-controller-manager', 46),
  etcd: {
    version: '3.6.16',
    module: 'etcd',
    package: 'go.etcd.io/etcd/server/v3',
    tags: [],
    cgo: false,
    values: [],
    seconds: 18,
  },
  kubectl: kubernetes('kubectl', 21),
  'kube-scheduler': kubernetes('kube-scheduler', 6),
  kubelet: kubernetes('kubelet', 14),
  'kube-proxy': kubernetes('kube-proxy', 6),
  containerd: containerd('containerd', 57),
  'containerd-shim-runc-v2': containerd('containerd-shim-runc-v2', 2),
  kwok: {
    version: '0.8.0',
    module: 'kwok',
    package: 'sigs.k8s.io/kwok/cmd/kwok',
    tags: [],
    cgo: false,
    values: ['sigs.k8s.io/kwok/pkg/consts.Version=v0.8.0'],
    seconds: 64,
  },
  traefik: {
    version: '3.6.12',
    module: 'traefik',
    package: 'github.com/traefik/traefik/v3/cmd/traefik',
    tags: [],
    cgo: false,
    values: ['github.com/traefik/traefik/v3/pkg/version.Version=3.6.12'],
    seconds: 300,
  },
  gitea: {
    version: '1.26.0',
    module: 'gitea',
    package: 'code.gitea.io/gitea',
    tags: ['sqlite', 'sqlite_unlock_notify'],
    cgo: true,
    values: ['main.Version=1.26.0'],
    seconds: 190,
  },
  'kubectl-argo-rollouts': argoRollouts('kubectl-argo-rollouts', 190),
  'rollouts-controller': argoRollouts('rollouts-controller', 20),
} as const satisfies Record<string, Program>;

/** The name of a program that can be built. */
export type ProgramName = keyof typeof PROGRAMS;

/** Whether a word from the command line names a program. */
export function isProgramName(name: string): name is ProgramName {
  return Object.hasOwn(PROGRAMS, name);
}

/** The environment of `go` for a module of ours that needs this version of Go. */
export function goEnvironment(toolchain?: string): NodeJS.ProcessEnv {
  return { ...process.env, GOFLAGS: '', GOWORK: 'off', ...(toolchain === undefined ? {} : { GOTOOLCHAIN: toolchain }) };
}

/** The arguments of `go` that build a program into `output`; run in the folder of the program's module. */
export function buildArguments(program: Program, output: string): string[] {
  const linker = ['-s', '-w', ...program.values.map((value) => `-X ${value}`)].join(' ');
  const tags = program.tags.length === 0 ? [] : ['-tags', program.tags.join(',')];
  return ['build', '-mod=readonly', '-trimpath', ...tags, '-ldflags', linker, '-o', output, program.package];
}
