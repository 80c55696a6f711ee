import { type Answer, type SeenRequest, startTestServer, type TestServer } from '../http-server.ts';

/** The answers of an MLflow with one model, as far as a release needs them; a real one is asked in controller/registry. */
export function mlflowAnswers(
  model: string,
  versions: readonly string[],
  status = 'READY',
): (r: SeenRequest) => Answer {
  return ({ path, query }) => {
    const version = query.get('version') ?? '';
    const missing = { status: 404, json: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'not found' } };
    switch (path.replace('/api/2.0/mlflow/', '')) {
      case '/version':
        return { status: 200, headers: { 'content-type': 'text/plain' }, text: '3.1.0' };
      case 'registered-models/get':
        return query.get('name') === model ? { json: { registered_model: { name: model } } } : missing;
      case 'model-versions/get':
        if (query.get('name') !== model || !versions.includes(version)) return missing;
        return { json: { model_version: { name: model, version, status, source: `s3://models/${version}` } } };
      case 'model-versions/get-download-uri':
        return { json: { artifact_uri: `s3://models/${version}` } };
      default:
        return { json: {} };
    }
  };
}

/** An MLflow on 127.0.0.1; set `answer` to make it answer otherwise. */
export function startFakeMlflow(model: string, versions: readonly string[]): Promise<TestServer> {
  return startTestServer(mlflowAnswers(model, versions));
}

/** A server that is gone: the connection ends without an answer. */
export const noAnswer = (): Answer => (response) => response.destroy();

/** What a proxy or a login in front of a service answers. */
export const loginPage = (): Answer => ({ status: 200, text: '<html><title>Sign in</title></html>' });
