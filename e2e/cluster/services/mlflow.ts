import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { folders as defaultFolders } from '../folders.ts';
import { http, isHealthy } from '../http.ts';
import { ensurePythonEnvironment } from '../python.ts';
import { choosePort, type Service, startService } from './service.ts';

/** How to run MLflow. */
export interface MlflowOptions {
  readonly stateDir: string;
  /** Address to listen on: `Cluster.hostAddress` if pods load models from it, else 127.0.0.1. */
  readonly bind: string;
  readonly port?: number;
  readonly onProgress?: (line: string) => void;
}

/** A running MLflow: tracking, model registry, artifacts. */
export interface Mlflow extends Service {
  /** A Python that has mlflow and scikit-learn, e.g. to train a model. Do not run it inside its own package folder. */
  readonly python: string;
}

/**
 * Starts MLflow's server on sqlite. As `uvicorn` on its application and not by `mlflow server`: ready in 3 s instead of
 * 13 s, one process of 250 MB instead of ten of 2.2 GB in all. Any Host header is accepted, as pods need.
 */
export async function startMlflow(options: MlflowOptions): Promise<Mlflow> {
  const { stateDir, bind } = options;
  const onProgress = options.onProgress ?? (() => undefined);
  const python = await ensurePythonEnvironment('mlflow', defaultFolders(), onProgress);
  const port = await choosePort(stateDir, 'mlflow', options.port);
  const folder = join(stateDir, 'mlflow');
  mkdirSync(folder, { recursive: true });
  const url = `http://${bind}:${port}`;
  const service = await startService(stateDir, {
    name: 'mlflow',
    command: python,
    args: ['-m', 'uvicorn', '--host', bind, '--port', String(port), '--workers', '1', 'mlflow.server.fastapi_app:app'],
    cwd: folder,
    env: {
      _MLFLOW_SERVER_FILE_STORE: `sqlite:///${join(folder, 'mlflow.db')}`,
      _MLFLOW_SERVER_ARTIFACT_ROOT: 'mlflow-artifacts:/',
      _MLFLOW_SERVER_SERVE_ARTIFACTS: 'true',
      _MLFLOW_SERVER_ARTIFACT_DESTINATION: join(folder, 'artifacts'),
      MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
      MLFLOW_DISABLE_TELEMETRY: 'true',
      MLFLOW_SERVER_ALLOWED_HOSTS: '*',
    },
    url,
    // The first request makes the database's tables.
    isReady: async () => (await isHealthy(`${url}/health`)) && (await hasStore(url)),
  });
  return { ...service, python };
}

async function hasStore(url: string): Promise<boolean> {
  const search = `${url}/api/2.0/mlflow/registered-models/search?max_results=1`;
  return (await http(search, { timeoutMs: 30_000 })).status === 200;
}
