import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClusterError, describe } from '../cluster/errors.ts';
import { repositoryRoot } from '../cluster/folders.ts';
import { http } from '../cluster/http.ts';
import { GATEWAY_CLASS, installGatewayApi } from '../cluster/services/traefik.ts';
import { until } from '../cluster/wait.ts';
import { ControllerProcess } from './controller-process.ts';
import { Facts } from './facts.ts';
import { Forge } from './forge.ts';
import { Kubectl } from './kubectl.ts';
import type { Live } from './live.ts';
import { type ImagePlace, pushModelServer, trainVersions } from './model-image.ts';
import { RegistryView } from './model-registry.ts';
import { Observer } from './observer.ts';
import { payment } from './payments.ts';
import { fill, Repository, readTemplates } from './repository.ts';
import { type ClusterPlace, type Services, startInside, startOutside } from './services.ts';
import { NAME, NAMESPACE, type Stage, untilServing } from './stage.ts';
import { Traffic } from './traffic.ts';

const FOLDER = join(repositoryRoot(), 'e2e', 'journeys');
/** A first pod may have to wait for its image. */
const FIRST_VERSION_MS = 180_000;

/** Where the demo plays. */
export interface Place extends ClusterPlace, ImagePlace {
  readonly kubectlProgram: string;
  /** Folder with the API server's audit log, if we have it. */
  readonly auditDir?: string;
}

/** Everything that runs for the demo. */
export interface Environment {
  readonly place: Place;
  readonly services: Services;
  readonly controller: ControllerProcess;
  readonly stage: Stage;
  /** Ends the traffic and the watches; what runs in the cluster stays. */
  close(): Promise<void>;
}

/** Starts everything around a cluster and brings version 1 into service with traffic on it. */
export async function startEnvironment(place: Place, live: Live): Promise<Environment> {
  const { say } = live;
  const kubectl = new Kubectl(place.kubectlProgram, place.kubeconfigPath, NAMESPACE, place.stateDir);
  await kubectl.run('create', 'namespace', NAMESPACE);
  await installGatewayApi(place.kubeconfigPath, say);
  const outside = await startOutside(place, say);
  const services = { ...outside, ...(await startInside(place, say)) };
  const { mlflow } = services;
  say(`MLflow, Gitea, Prometheus and Traefik run; training the model in 5 versions (about 10 s)`);
  for (const { version, auc, summary } of await trainVersions(mlflow.python, mlflow.url, NAME)) {
    say(`  fraud ${version}: ${summary}, AUC on its own held-out data ${auc}`);
  }
  say('building the model server image with the libraries that trained the model (about 15 s)');
  const image = await pushModelServer(mlflow.python, place, place.stateDir);
  const controller = await ControllerProcess.install({ kubectl, ...place });
  say(`the controller runs (process ${controller.pid}) as a ServiceAccount with the rights of deploy/controller.yaml`);

  const repository = await seedRepository(place, services, controller, image, kubectl);
  const observer = await Observer.start(place.kubeconfigPath, NAMESPACE);
  const traffic = new Traffic(`${services.traefik.url}/v2/models/${NAME}/infer`);
  live.follow(observer, traffic);
  const registry = new RegistryView(mlflow.url, NAME);
  const stage: Stage = {
    observer,
    repository,
    traffic,
    registry,
    kubectl,
    facts: new Facts(live.fact),
    championMoves: [],
    timings: [],
    exhibits: [],
    say,
  };
  const endFollowing = registry.followAlias('champion', stage.championMoves);
  const close = async (): Promise<void> => {
    live.done();
    await Promise.all([endFollowing(), traffic.stop(), observer.stop()]);
  };
  try {
    say('waiting for version 1 to serve (pulling the image, loading the model; about 20 s)');
    await untilServing(stage, '1', FIRST_VERSION_MS);
    await untilAnswered(services.traefik.url);
  } catch (error) {
    await close();
    const tail = ["the controller's last lines:", ...controller.logTail()].join('\n');
    throw new ClusterError(`${describe(error)}\n${tail}`, { cause: error });
  }
  traffic.start('1 serves');
  return { place, services, controller, stage, close };
}

/** Puts the manifests into a repository of their own, points an Application at it, and a webhook at the controller. */
async function seedRepository(
  place: Place,
  { gitea, mlflow, prometheus, traefik }: Services,
  controller: ControllerProcess,
  image: string,
  kubectl: Kubectl,
): Promise<Repository> {
  const forge = new Forge({ url: gitea.url, user: gitea.user, password: gitea.password });
  const repository = new Repository(forge, 'models', join(place.stateDir, 'working-copy'));
  const values = {
    MLFLOW_URL: mlflow.url,
    PROMETHEUS_URL: prometheus.url,
    MODEL_SERVER_IMAGE: image,
    GATEWAY_CLASS,
    GATEWAY_PORT: String(traefik.httpPort),
    REPOSITORY_URL: forge.cloneUrl(repository.name),
    FORGE_USER: gitea.user,
    FORGE_PASSWORD: gitea.password,
  };
  const manifests = readTemplates(join(FOLDER, NAME), values);
  await repository.seed(Object.fromEntries(Object.entries(manifests).map(([file, text]) => [`${NAME}/${file}`, text])));
  await forge.setWebhook(repository.name, controller.webhookUrl, controller.webhookSecret);
  await kubectl.apply(fill(readFileSync(join(FOLDER, 'application.yaml'), 'utf8'), values));
  return repository;
}

/** The gateway learns of the first pods a moment after they are ready; only then is a failed request a failure. */
async function untilAnswered(gateway: string): Promise<void> {
  const url = `${gateway}/v2/models/${NAME}/infer`;
  const headers = { 'content-type': 'application/json' };
  await until(
    async () => (await http(url, { method: 'POST', headers, body: JSON.stringify(payment(0)) })).status === 200,
    {
      what: `an answer from version 1 through ${gateway}`,
      timeoutMs: 30_000,
      intervalMs: 200,
    },
  );
}
