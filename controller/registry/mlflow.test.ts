import { Agent } from 'undici';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, startTestServer, type TestServer } from '../../test/http-server.ts';
import { systemClock } from '../platform/clock.ts';
import { ManualClock } from '../platform/manual-clock.ts';
import { MlflowRegistry } from './mlflow.ts';

let server: TestServer;
let answer: Answer;
let agent: Agent;
beforeEach(async () => {
  answer = { json: {} };
  agent = new Agent();
  server = await startTestServer(() => answer);
});
afterEach(async () => {
  await agent.destroy();
  await server.close();
});

const connect = (options = {}): MlflowRegistry =>
  new MlflowRegistry({
    label: 'ModelRegistry ml/mlflow',
    url: new URL(server.url),
    timeoutMs: 5000,
    dispatcher: agent,
    clock: systemClock,
    ...options,
  });
const failure = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'it succeeded',
    (error: { code: string; message: string }) => `${error.code}: ${error.message.replaceAll(server.url, 'URL')}`,
  );
const WHO = 'ModelRegistry ml/mlflow (URL)';

describe('answers that are not a model version', () => {
  test.each<[string, Answer, string]>([
    [
      'credentials are refused with a web page',
      { status: 401, text: '<html>' },
      `RegistryUnauthorized: ${WHO}: the credentials are not accepted (401); check the Secret that spec.secretRef names`,
    ],
    [
      'not allowed',
      { status: 403, json: { error_code: 'PERMISSION_DENIED', message: 'Permission denied' } },
      `RegistryForbidden: ${WHO}: the credentials do not allow this (403, PERMISSION_DENIED: Permission denied)`,
    ],
    [
      'too many requests',
      { status: 429, json: { error_code: 'REQUEST_LIMIT_EXCEEDED', message: 'slow down' } },
      `RegistryOverloaded: ${WHO}: too many requests (429, REQUEST_LIMIT_EXCEEDED: slow down)`,
    ],
    [
      'an error of the server',
      { status: 500, json: { error_code: 'INTERNAL_ERROR', message: 'database is locked' } },
      `RegistryServerError: ${WHO}: the server failed (500, INTERNAL_ERROR: database is locked)`,
    ],
    [
      'a gateway without a server',
      { status: 502, text: 'Bad Gateway' },
      `RegistryServerError: ${WHO}: the server failed (502)`,
    ],
    [
      'a web page',
      { status: 200, text: '<html>' },
      `RegistryBadAnswer: ${WHO}: the answer is not MLflow's (text/html, status 200); ` +
        'check that spec.url is the base URL of an MLflow server',
    ],
    [
      'an unknown path',
      { status: 404, text: '<html>' },
      `RegistryBadAnswer: ${WHO}: the answer is not MLflow's (text/html, status 404); ` +
        'check that spec.url is the base URL of an MLflow server',
    ],
    [
      'a login',
      { status: 302, headers: { location: 'https://login.example/?state=secret' }, text: '' },
      `RegistryBadAnswer: ${WHO}: answers with a redirect (302) to https://login.example; set spec.url to where it leads`,
    ],
    [
      'JSON of something else',
      { json: { model_version: { name: 'fraud' } } },
      `RegistryBadAnswer: ${WHO}: the answer lacks what MLflow's has (model_version.version: ` +
        'Invalid input: expected string, received undefined)',
    ],
    [
      'half of an answer',
      { status: 200, headers: { 'content-type': 'application/json' }, text: '{"model_version":' },
      `RegistryBadAnswer: ${WHO}: the answer is not MLflow's (application/json, status 200); ` +
        'check that spec.url is the base URL of an MLflow server',
    ],
  ])('%s', async (_, said, message) => {
    answer = said;
    expect(await failure(connect().getVersion('fraud', '8'))).toBe(message);
  });

  test('the host name is not allowed', async () => {
    answer = {
      status: 403,
      headers: { 'content-type': 'text/plain' },
      text: 'Invalid Host header - possible DNS rebinding',
    };
    const host = new URL(server.url).host;
    expect(await failure(connect().getVersion('fraud', '8'))).toBe(
      `RegistryForbiddenHost: ${WHO}: MLflow refuses the host name ${host}; start it with --allowed-hosts ` +
        `(MLFLOW_SERVER_ALLOWED_HOSTS) that includes ${host}`,
    );
  });

  test('nobody there', async () => {
    await server.close();
    expect(await failure(connect().getVersion('fraud', '8'))).toMatch(/^RegistryUnreachable: .*ECONNREFUSED/);
  });

  test('a server that hangs', async () => {
    const clock = new ManualClock();
    const asked = new Promise<void>((resolve) => {
      answer = () => resolve();
    });
    const asking = failure(connect({ clock }).getVersion('fraud', '8'));
    await asked;
    clock.advance(5000);
    expect(await asking).toBe(`RegistryTimeout: ${WHO}: no answer within 5000 ms`);
  });
});

test('credentials go along and are never shown', async () => {
  answer = { status: 401, text: 'no' };
  const said = await failure(connect({ authorization: 'Bearer hunter2' }).health());
  expect(said).not.toContain('hunter2');
  expect(server.seen[0]?.headers.authorization).toBe('Bearer hunter2');
});

test('health is about the credentials: the version alone, which needs none, is not enough', async () => {
  server.answer = ({ path }) =>
    path === '/version' ? { status: 200, headers: {}, text: '3.17.2' } : { status: 401, text: 'who are you' };
  expect(await failure(connect().health())).toMatch(/^RegistryUnauthorized/);
  server.answer = ({ path }) => (path === '/version' ? { status: 200, headers: {}, text: '3.17.2' } : { json: {} });
  expect(await connect().health()).toEqual({ serverVersion: '3.17.2' });
  server.answer = ({ path }) => (path === '/version' ? { status: 200, text: '<html>hello' } : { json: {} });
  expect(await connect().health()).toEqual({});
});
