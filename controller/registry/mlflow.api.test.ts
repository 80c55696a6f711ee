import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Mlflow, startMlflow } from '../../e2e/cluster/services/mlflow.ts';
import { systemClock } from '../platform/clock.ts';
import { MlflowRegistry } from './mlflow.ts';
import { resolveModel } from './resolve.ts';
import { executeWriteBack } from './write-back-effect.ts';

let stateDir: string;
let mlflow: Mlflow;
let client: MlflowRegistry;
const dispatcher = new Agent({ keepAliveTimeout: 1000 });
const connect = (url: string): MlflowRegistry =>
  new MlflowRegistry({
    label: 'ModelRegistry ml/mlflow',
    url: new URL(url),
    timeoutMs: 20_000,
    dispatcher,
    clock: systemClock,
  });

beforeAll(async () => {
  stateDir = mkdtempSync(join(tmpdir(), 'slipway-mlflow-'));
  mlflow = await startMlflow({ stateDir, bind: '127.0.0.1' });
  client = connect(mlflow.url);
});
afterAll(async () => {
  await dispatcher.close();
  await mlflow?.stop();
  rmSync(stateDir, { recursive: true, force: true });
});

async function api(method: string, path: string, body: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${mlflow.url}/api/2.0/mlflow/${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Record<string, unknown>;
}
async function createModel(name: string, versions: number): Promise<void> {
  await api('POST', 'registered-models/create', { name });
  for (let version = 1; version <= versions; version++) await createVersion(name, `s3://models/${version}`);
}
const createVersion = (name: string, source: string, more = {}) =>
  api('POST', 'model-versions/create', { name, source, run_id: 'r1', ...more });
/** What the API cannot do: MLflow's own store never leaves a version in these states. */
const sql = (statement: string): void => {
  const script = `import sqlite3; c = sqlite3.connect(r'${join(stateDir, 'mlflow', 'mlflow.db')}'); c.execute("${statement}"); c.commit()`;
  execFileSync(mlflow.python, ['-c', script]);
};
const code = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'it succeeded',
    (error: { code: string; message: string }) => `${error.code}: ${error.message.replaceAll(mlflow.url, 'URL')}`,
  );
const WHO = 'ModelRegistry ml/mlflow (URL)';

test('health says the version of the server', async () => {
  expect(await client.health()).toEqual({ serverVersion: expect.stringMatching(/^3\.\d+\.\d+/) });
});

test('a version that is ready is found, whatever its model is called', async () => {
  for (const name of ['fraud', 'Betrug é 🚢 a&b=c?#%25 + d']) {
    await createModel(name, 2);
    expect(await client.getVersion(name, '2')).toEqual({
      name,
      version: '2',
      uri: 's3://models/2',
      source: 's3://models/2',
      runId: 'r1',
      createdAt: expect.stringMatching(/^20\d\d-.*\.\d{3}Z$/),
      tags: {},
      aliases: [],
    });
  }
});

describe('a version that must not be started', () => {
  beforeAll(() => createModel('churn', 4));

  test('its model does not exist', async () => {
    expect(await code(client.getVersion('chrun', '1'))).toBe(
      `ModelNotFound: ${WHO}: there is no model chrun; register it or correct spec.model.name`,
    );
  });

  test('it does not exist', async () => {
    expect(await code(client.getVersion('churn', '9'))).toBe(
      `ModelVersionNotFound: ${WHO}: model churn has no version 9; register it or correct spec.model.version`,
    );
  });

  test('it is no version, or another way to write one', async () => {
    expect(await code(client.getVersion('churn', 'abc'))).toMatch(/^ModelVersionInvalid: .*model churn version abc: /);
    expect(await code(client.getVersion('churn', '01'))).toBe(
      `ModelVersionInvalid: ${WHO}: model churn version 01 is called churn version 1; write it like that in spec.model`,
    );
  });

  test.each(['PENDING_REGISTRATION', 'FAILED_REGISTRATION'])('it is %s', async (status) => {
    sql(`UPDATE model_versions SET status='${status}', status_message='disk full' WHERE name='churn' AND version=2`);
    expect(await code(client.getVersion('churn', '2'))).toBe(
      `ModelVersionNotReady: ${WHO}: model churn version 2 is ${status}: disk full`,
    );
    sql(`UPDATE model_versions SET status='READY' WHERE name='churn' AND version=2`);
    expect((await client.getVersion('churn', '2')).version).toBe('2');
  });

  test('the logged model with its files was deleted', async () => {
    const made = (await api('POST', 'logged-models', { experiment_id: '0', name: 'm' })) as {
      model: { info: { model_id: string } };
    };
    const id = made.model.info.model_id;
    await api('PATCH', `logged-models/${id}`, { model_id: id, status: 'LOGGED_MODEL_READY' });
    await createVersion('churn', `models:/${id}`, { model_id: id });
    expect((await client.getVersion('churn', '5')).uri).toMatch(/^mlflow-artifacts:/);
    await api('DELETE', `logged-models/${id}`, {});
    expect(await code(client.getVersion('churn', '5'))).toBe(
      `ModelContentMissing: ${WHO}: model churn version 5: its logged model ${id} was deleted; register the model again`,
    );
  });

  test('it was deleted and registered anew under its number', async () => {
    await createModel('anew', 1);
    const request = { registry: 'ModelRegistry/mlflow', name: 'anew', version: '1' };
    const first = await resolveModel(async () => client, request);
    if (first.state !== 'resolved') throw new Error(first.state);
    expect(await resolveModel(async () => client, { ...request, pinned: first.identity })).toEqual(first);
    await api('DELETE', 'registered-models/delete', { name: 'anew' });
    await createModel('anew', 1);
    const again = await resolveModel(async () => client, { ...request, pinned: first.identity });
    expect(again).toMatchObject({ state: 'refused', code: 'ModelVersionChanged' });
  });
});

describe('aliases and tags', () => {
  beforeAll(() => createModel('alias', 3));
  const aliasOf = async (version: string): Promise<readonly string[]> =>
    (await client.getVersion('alias', version)).aliases;

  test('an alias moves', async () => {
    await client.setAlias('alias', 'champion', '1');
    await client.setAlias('alias', 'champion', '2');
    expect(await aliasOf('1')).toEqual([]);
    expect(await aliasOf('2')).toEqual(['champion']);
  });

  test('an alias is removed only from the version that it was put on', async () => {
    await client.setAlias('alias', 'challenger', '3');
    await client.deleteAlias('alias', 'challenger', '1');
    expect(await aliasOf('3')).toEqual(['challenger']);
    await client.deleteAlias('alias', 'challenger', '3');
    expect(await aliasOf('3')).toEqual([]);
    await client.deleteAlias('alias', 'challenger', '3');
    await client.deleteAlias('no-such-model', 'challenger', '3');
  });

  test('an alias that MLflow does not allow is refused in its words', async () => {
    expect(await code(client.setAlias('alias', 'v1', '1'))).toMatch(
      /^RegistryRefused: .*cannot set alias v1 on alias\/1: INVALID_PARAMETER_VALUE: /,
    );
  });

  test('telling about a version that is gone is over, not an error for ever', async () => {
    const target = { registry: 'ModelRegistry/mlflow', name: 'alias', version: '9' };
    const rollout = { namespace: 'ml', name: 'alias' };
    expect(await executeWriteBack(client, rollout, { type: 'setPhase', target, phase: 'canary' })).toBe('gone');
    expect(await executeWriteBack(client, rollout, { type: 'setAlias', role: 'stable', target, alias: 'a' })).toBe(
      'gone',
    );
    expect(await executeWriteBack(client, rollout, { type: 'removeAlias', target, alias: 'a' })).toBe('done');
  });

  test('a rejection is told with its reason, which goes when the version is tried again', async () => {
    const target = { registry: 'ModelRegistry/mlflow', name: 'alias', version: '3' };
    const rollout = { namespace: 'ml', name: 'fraud' };
    const reason = 'metric "error-rate" failed: 2 failed measurements exceed failureLimit 1';
    await executeWriteBack(client, rollout, { type: 'setPhase', target, phase: 'rejected', reason });
    expect((await client.getVersion('alias', '3')).tags).toEqual({
      'slipway.dev/ml.fraud.phase': 'rejected',
      'slipway.dev/ml.fraud.reason': reason,
    });
    await executeWriteBack(client, rollout, { type: 'setPhase', target, phase: 'canary', reason: '' });
    expect((await client.getVersion('alias', '3')).tags).toEqual({
      'slipway.dev/ml.fraud.phase': 'canary',
      'slipway.dev/ml.fraud.reason': '',
    });
  });
});

test('an address that is not the base of MLflow says so', async () => {
  expect(await code(connect(`${mlflow.url}/ui`).health())).toMatch(
    /^RegistryBadAnswer: .*the answer is not MLflow's .*check that spec.url is the base URL of an MLflow server$/,
  );
});
