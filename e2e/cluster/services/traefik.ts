import { join } from 'node:path';
import { ensureAsset } from '../assets.ts';
import { ensurePrograms, programPath } from '../build.ts';
import { readManifests } from '../custom-resources.ts';
import { folders as defaultFolders } from '../folders.ts';
import { isHealthy } from '../http.ts';
import { applyCustomResourceDefinitions, kubeApi } from '../kube-api.ts';
import { PROGRAMS } from '../programs.ts';
import { choosePort, type Service, startService } from './service.ts';

/** How to run Traefik. Call `installGatewayApi` before. */
export interface TraefikOptions {
  /** Whose Gateways and HTTPRoutes it serves. */
  readonly kubeconfigPath: string;
  readonly stateDir: string;
  /** Where requests arrive. A Gateway's listener must name the same port. */
  readonly httpPort?: number;
  readonly metricsPort?: number;
  readonly onProgress?: (line: string) => void;
}

/** A running Traefik; `url` is where requests arrive. */
export interface Traefik extends Service {
  readonly httpPort: number;
  /** Prometheus metrics, `traefik_service_requests_total{service="<namespace>-<service>-http-<port>@kubernetesgateway"}`… */
  readonly metricsUrl: string;
}

/** The class that a Gateway names to be served by Traefik. */
export const GATEWAY_CLASS = 'traefik';

/** Installs the Gateway API: its definitions (standard channel) and the class `traefik`. */
export async function installGatewayApi(
  kubeconfigPath: string,
  onProgress: (line: string) => void = () => undefined,
): Promise<void> {
  const files = await ensureAsset('gateway-api', defaultFolders(), onProgress);
  const api = kubeApi(kubeconfigPath);
  await applyCustomResourceDefinitions(api, readManifests(join(files, 'config', 'crd', 'standard')));
  await api.apply(`/apis/gateway.networking.k8s.io/v1/gatewayclasses/${GATEWAY_CLASS}`, {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'GatewayClass',
    metadata: { name: GATEWAY_CLASS },
    spec: { controllerName: 'traefik.io/gateway-controller' },
  });
}

/** Starts Traefik on 127.0.0.1, outside the cluster: it reads the API server and sends to the pods' own addresses. */
export async function startTraefik(options: TraefikOptions): Promise<Traefik> {
  const folders = defaultFolders();
  await ensurePrograms(['traefik'], folders, options.onProgress ?? (() => undefined));
  const httpPort = await choosePort(options.stateDir, 'traefik', options.httpPort);
  const metricsPort = await choosePort(options.stateDir, 'traefik-metrics', options.metricsPort);
  const url = `http://127.0.0.1:${httpPort}`;
  const metrics = `http://127.0.0.1:${metricsPort}`;
  const service = await startService(options.stateDir, {
    name: 'traefik',
    command: programPath('traefik', folders),
    args: [
      `--entrypoints.web.address=127.0.0.1:${httpPort}`,
      `--entrypoints.metrics.address=127.0.0.1:${metricsPort}`,
      '--providers.kubernetesgateway=true',
      '--providers.kubernetesgateway.statusaddress.ip=127.0.0.1',
      // By default a changed weight could wait 2 s behind an earlier change.
      '--providers.providersthrottleduration=100ms',
      '--metrics.prometheus=true',
      '--metrics.prometheus.entrypoint=metrics',
      '--ping=true',
      '--ping.entrypoint=metrics',
      '--global.checknewversion=false',
      '--global.sendanonymoususage=false',
      '--log.level=INFO',
    ],
    env: { KUBECONFIG: options.kubeconfigPath },
    version: PROGRAMS.traefik.version,
    url,
    isReady: () => isHealthy(`${metrics}/ping`),
  });
  return { ...service, httpPort, metricsUrl: `${metrics}/metrics` };
}
