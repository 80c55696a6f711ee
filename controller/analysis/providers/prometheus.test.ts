import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, startTestServer, type TestServer } from '../../../test/http-server.ts';
import { systemClock } from '../../platform/clock.ts';
import { ManualClock } from '../../platform/manual-clock.ts';
import { createPrometheusProvider } from './prometheus.ts';
import { ProviderError } from './provider.ts';

let server: TestServer;
let answer: Answer;
beforeEach(async () => {
  answer = { json: {} };
  server = await startTestServer(() => answer);
});
afterEach(() => server.close());

async function measure(query = 'up', path = ''): Promise<unknown> {
  const provider = createPrometheusProvider({ clock: systemClock });
  try {
    const measured = await provider.measure({ address: `${server.url}${path}`, query, timeout: 5 });
    return measured.warnings.length === 0 ? measured.value : measured;
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return `${error.code}: ${error.message.replaceAll(server.url, 'URL')}`;
  } finally {
    await provider.close();
  }
}
const success = (resultType: string, result: unknown, more: object = {}): Answer => ({
  json: { status: 'success', data: { resultType, result }, ...more },
});

test('a scalar is a number, a vector a list of numbers, with all that Prometheus calls a number', async () => {
  answer = success('scalar', [1, '0.5']);
  expect(await measure()).toBe(0.5);
  answer = success(
    'vector',
    ['1', '1e-3', 'NaN', '+Inf', '-Inf'].map((text) => ({ metric: {}, value: [1, text] })),
  );
  expect(await measure()).toEqual([1, 0.001, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  answer = success('vector', []);
  expect(await measure()).toEqual([]);
});

test('the query is sent as a form below the path of the address', async () => {
  answer = success('scalar', [1, '1']);
  await measure('sum(rate(http_requests_total{code=~"5.."}[1m])) + 1 & 2', '/prometheus/');
  const [request] = server.seen;
  expect(request).toMatchObject({ method: 'POST', path: '/prometheus/api/v1/query' });
  const form = new URLSearchParams(request?.body);
  expect(form.get('query')).toBe('sum(rate(http_requests_total{code=~"5.."}[1m])) + 1 & 2');
  expect(form.get('timeout')).toBe('5000ms');
});

test('warnings come with the value', async () => {
  answer = success('scalar', [1, '1'], { warnings: ['a store is down'] });
  expect(await measure()).toEqual({ value: 1, warnings: ['a store is down'] });
});

describe('anything else is a clear error', () => {
  test.each<[string, Answer, string]>([
    [
      'a bad query',
      { status: 400, json: { status: 'error', errorType: 'bad_data', error: 'parse error: unexpected end of input' } },
      'ProviderBadQuery: Prometheus at URL, query up: the query is refused: bad_data: parse error: unexpected end of input',
    ],
    [
      'an error of the server',
      { status: 503, json: { status: 'error', errorType: 'timeout', error: 'query timed out' } },
      'ProviderServerError: Prometheus at URL, query up: the server failed: timeout: query timed out',
    ],
    [
      'a 500 page',
      { status: 500, text: '<html>' },
      'ProviderServerError: Prometheus at URL, query up: the server failed (500)',
    ],
    [
      'a web page',
      { status: 200, text: '<html>' },
      "ProviderBadAnswer: Prometheus at URL, query up: the answer is not one of Prometheus's API (text/html, status 200); " +
        'check that address is its base URL',
    ],
    [
      'other JSON',
      { json: { hello: 'world' } },
      "ProviderBadAnswer: Prometheus at URL, query up: the answer is not one of Prometheus's API (application/json, status 200); " +
        'check that address is its base URL',
    ],
    [
      'a login',
      { status: 302, headers: { location: 'https://login.example/auth?token=abc' }, text: '' },
      'ProviderBadAnswer: Prometheus at URL, query up: answers with a redirect (302) to https://login.example/auth; ' +
        'set address to where it leads',
    ],
    [
      'no access',
      { status: 401, text: 'no' },
      'ProviderUnauthorized: Prometheus at URL, query up: access refused (401)',
    ],
    [
      'a range vector',
      success('matrix', []),
      'ProviderResultUnsupported: Prometheus at URL, query up: the query gives a range vector; ' +
        'put rate(), avg_over_time() or another function around it',
    ],
    [
      'a string',
      success('string', [1, 'x']),
      'ProviderResultUnsupported: Prometheus at URL, query up: the query gives a string; a measurement needs a scalar or an instant vector',
    ],
    [
      'histograms',
      success('vector', [{ metric: {}, histogram: [1, {}] }]),
      'ProviderResultUnsupported: Prometheus at URL, query up: the query gives histograms; use histogram_quantile or another function',
    ],
    [
      'a value that is no number',
      success('scalar', [1, 'abc']),
      'ProviderBadAnswer: Prometheus at URL, query up: the value "abc" is not a number',
    ],
    [
      'an empty value',
      success('scalar', [1, '']),
      'ProviderBadAnswer: Prometheus at URL, query up: the value "" is not a number',
    ],
  ])('%s', async (_, said, message) => {
    answer = said;
    expect(await measure()).toBe(message);
  });

  test('a flood', async () => {
    answer = (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.on('error', () => {});
      for (let i = 0; i < 10; i++) response.write(' '.repeat(1024 * 1024));
      response.end();
    };
    expect(await measure()).toMatch(
      /^ProviderBadAnswer: .* the answer is larger than 8388608 bytes; aggregate in the query$/,
    );
  });

  test('a connection that breaks in the middle', async () => {
    answer = (response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
      response.write('{"status":');
      setImmediate(() => response.destroy());
    };
    expect(await measure()).toMatch(/^ProviderUnreachable: Prometheus at URL, query up: cannot be reached: /);
  });

  test('nobody there', async () => {
    await server.close();
    expect(await measure()).toMatch(
      /^ProviderUnreachable: Prometheus at URL, query up: cannot be reached: .*ECONNREFUSED/,
    );
  });
});

test('a server that hangs is given up after the timeout', async () => {
  const clock = new ManualClock();
  const asked = new Promise<void>((resolve) => {
    answer = () => resolve();
  });
  const provider = createPrometheusProvider({ clock });
  const measuring = provider.measure({ address: server.url, query: 'up', timeout: 7 });
  await asked;
  clock.advance(6999);
  clock.advance(1);
  await expect(measuring).rejects.toMatchObject({ code: 'ProviderTimeout', retryable: true });
  await provider.close();
});

test('credentials of the address are used and never shown', async () => {
  const address = server.url.replace('http://', 'http://user:hunter2@');
  const provider = createPrometheusProvider({ clock: systemClock });
  answer = { status: 500, text: 'no' };
  const error = await provider.measure({ address, query: 'up' }).catch((thrown: unknown) => thrown);
  expect(String(error)).not.toContain('hunter2');
  expect(server.seen[0]?.headers.authorization).toBe(`Basic ${Buffer.from('user:hunter2').toString('base64')}`);
  await expect(provider.measure({ address: 'user:hunter2@prom', query: 'up' })).rejects.toThrow(
    'provider.prometheus.address is not an http or https URL; write for example http://prometheus.monitoring:9090',
  );
  await provider.close();
});
