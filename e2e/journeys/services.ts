import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../cluster/folders.ts';
import { isHealthy } from '../cluster/http.ts';
import { serviceAccountKubeconfig } from '../cluster/service-account.ts';
import { type Gitea, startGitea } from '../cluster/services/gitea.ts';
import { type Mlflow, startMlflow } from '../cluster/services/mlflow.ts';
import { type Prometheus, startPrometheus } from '../cluster/services/prometheus.ts';
import { choosePort, type Service, startService } from '../cluster/services/service.ts';
import { startTraefik, type Traefik } from '../cluster/services/traefik.ts';
import { NAME, NAMESPACE } from './stage.ts';

/** A cluster as far as the programs around it need to know. */
export interface ClusterPlace {
  readonly kubeconfigPath: string;
  /** Folder for everything that is written; its processes are ended with it. */
  readonly stateDir: string;
  /** Address of this machine that pods can reach. */
  readonly hostAddress: string;
}

/** The programs that a team has around its cluster. */
export interface Services {
  readonly mlflow: Mlflow;
  readonly gitea: Gitea;
  readonly prometheus: Prometheus;
  readonly traefik: Traefik;
}

/** Starts the registry and the forge, which need no cluster. */
export async function startOutside(
  place: ClusterPlace,
  onProgress: (line: string) => void,
): Promise<Pick<Services, 'mlflow' | 'gitea'>> {
  const { stateDir, hostAddress } = place;
  const gitea = await startGitea({ stateDir, bind: '127.0.0.1', onProgress });
  const mlflow = await startMlflow({ stateDir, bind: hostAddress, onProgress });
  return { mlflow, gitea };
}

/** Starts what reads the cluster. The Gateway API and the namespace must be there. */
export async function startInside(
  place: ClusterPlace,
  onProgress: (line: string) => void,
): Promise<Pick<Services, 'prometheus' | 'traefik'>> {
  const { kubeconfigPath, stateDir } = place;
  const prometheus = await startMonitoring(place, onProgress);
  const traefik = await startTraefik({ stateDir, kubeconfigPath, onProgress });
  return { prometheus, traefik };
}

/** Starts Prometheus with the right to see pods; again after it was stopped, it is found where it was. */
export async function startMonitoring(place: ClusterPlace, onProgress: (line: string) => void): Promise<Prometheus> {
  const { kubeconfigPath, stateDir } = place;
  mkdirSync(join(stateDir, 'prometheus'), { recursive: true });
  const file = await serviceAccountKubeconfig({
    kubeconfigPath,
    namespace: NAMESPACE,
    name: 'prometheus',
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] }],
    file: join(stateDir, 'prometheus', 'kubeconfig'),
    seconds: 24 * 3600,
  });
  const targets = await startPodTargets(stateDir, file);
  return startPrometheus({ stateDir, config: prometheusConfig(targets.url), onProgress });
}

/** Starts the discovery of pods for Prometheus. */
async function startPodTargets(stateDir: string, kubeconfig: string): Promise<Service> {
  const port = await choosePort(stateDir, 'pod-targets');
  const url = `http://127.0.0.1:${port}`;
  const program = join(repositoryRoot(), 'dist', 'e2e', 'pod-targets.js');
  return startService(stateDir, {
    name: 'pod-targets',
    command: process.execPath,
    args: [program, `--kubeconfig=${kubeconfig}`, `--namespace=${NAMESPACE}`, `--port=${port}`],
    url,
    isReady: () => isHealthy(url),
  });
}

/**
 * Finds the model's pods by itself and reads each once a second: a release here takes a minute, not an hour. The label that
 * tells the versions apart is the hash that the Rollout gives its pods.
 *
 * @param targetsUrl where the pods are listed, see pod-targets.ts
 */
export function prometheusConfig(targetsUrl: string): object {
  const keep = (source: string, regex: string): object => ({ source_labels: [source], regex, action: 'keep' });
  return {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '5s' },
    scrape_configs: [
      {
        job_name: 'models',
        http_sd_configs: [{ url: targetsUrl, refresh_interval: '1s' }],
        relabel_configs: [
          keep('__meta_kubernetes_pod_label_app', NAME),
          keep('__meta_kubernetes_pod_container_port_name', 'http'),
          keep('__meta_kubernetes_pod_phase', 'Running'),
          {
            source_labels: ['__meta_kubernetes_pod_label_rollouts_pod_template_hash'],
            target_label: 'pod_template_hash',
          },
          { source_labels: ['__meta_kubernetes_pod_name'], target_label: 'pod' },
        ],
      },
    ],
  };
}
