import { createHmac } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import fc from 'fast-check';
import { request } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../platform/logger.ts';
import { createWebhookServer } from './webhook.ts';
import { isPushEvent, pushOf } from './webhook-payload.ts';

let server: Server;
let secrets: string[];
let pushes: string[];
let base: string;

beforeEach(async () => {
  secrets = ['old-secret', 's3cret'];
  pushes = [];
  server = createWebhookServer({
    secrets: () => secrets,
    onPush: (url, ref) => {
      pushes.push(`${url} ${ref}`);
    },
    logger: silentLogger,
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const sign = (body: string, secret = 's3cret') => createHmac('sha256', secret).update(body).digest('hex');

async function post(body: string, headers: Record<string, string>, path = '/webhook'): Promise<number> {
  const answer = await request(base + path, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
  await answer.body.dump();
  return answer.statusCode;
}

const github = JSON.stringify({
  ref: 'refs/heads/main',
  repository: {
    clone_url: 'https://git.example.com/team/apps.git',
    html_url: 'https://git.example.com/team/apps',
    ssh_url: 'git@git.example.com:team/apps.git',
  },
});
const gitlab = JSON.stringify({
  object_kind: 'push',
  ref: 'refs/heads/main',
  project: {
    git_http_url: 'https://gitlab.example.com/team/apps.git',
    web_url: 'https://gitlab.example.com/team/apps',
    git_ssh_url: 'git@gitlab.example.com:team/apps.git',
  },
});

describe('accepts a signed push', () => {
  it('of GitHub', async () => {
    expect(await post(github, { 'x-github-event': 'push', 'x-hub-signature-256': `sha256=${sign(github)}` })).toBe(202);
    expect(pushes).toEqual(['https://git.example.com/team/apps.git refs/heads/main']);
  });

  it('of Gitea, with a secret that is being replaced', async () => {
    expect(await post(github, { 'x-gitea-event': 'push', 'x-gitea-signature': sign(github, 'old-secret') })).toBe(202);
    expect(pushes).toHaveLength(1);
  });

  it('of GitLab', async () => {
    expect(await post(gitlab, { 'x-gitlab-event': 'Push Hook', 'x-gitlab-token': 's3cret' })).toBe(202);
    expect(pushes).toEqual(['https://gitlab.example.com/team/apps.git refs/heads/main']);
  });
});

describe('refuses', () => {
  const push = { 'x-github-event': 'push' };
  it.each<[string, Record<string, string>]>([
    ['no signature', push],
    ['a wrong signature', { ...push, 'x-hub-signature-256': `sha256=${sign(github, 'other')}` }],
    ['a signature of another body', { ...push, 'x-hub-signature-256': `sha256=${sign(`${github} `)}` }],
    ['a short signature', { ...push, 'x-hub-signature-256': 'sha256=00' }],
    [
      'the old SHA-1 signature',
      { ...push, 'x-hub-signature': `sha1=${createHmac('sha1', 's3cret').update(github).digest('hex')}` },
    ],
    ['a wrong token', { 'x-gitlab-event': 'Push Hook', 'x-gitlab-token': 's3cre' }],
    ['an empty token', { 'x-gitlab-event': 'Push Hook', 'x-gitlab-token': '' }],
  ])('%s', async (_, headers) => {
    expect(await post(github, headers)).toBe(401);
    expect(pushes).toEqual([]);
  });

  it('everything when there is no secret, or an empty one', async () => {
    secrets = [];
    expect(await post(github, { ...push, 'x-hub-signature-256': `sha256=${sign(github)}` })).toBe(401);
    secrets = [''];
    expect(await post(github, { ...push, 'x-hub-signature-256': `sha256=${sign(github, '')}` })).toBe(401);
    expect(pushes).toEqual([]);
  });

  it('other paths, methods, content types and broken JSON', async () => {
    const signed = { ...push, 'x-hub-signature-256': `sha256=${sign('{')}` };
    expect(await post('{', signed)).toBe(400);
    expect(await post('{', signed, '/other')).toBe(404);
    expect(await post('{', { ...signed, 'content-type': 'application/x-www-form-urlencoded' })).toBe(415);
    expect((await request(`${base}/webhook`)).statusCode).toBe(405);
  });

  it('bodies above 3 MiB, declared or not, before it computes anything', async () => {
    const large = 'x'.repeat(3 * 1024 * 1024 + 1);
    expect(await post(large, { ...push, 'x-hub-signature-256': `sha256=${sign(large)}` })).toBe(413);
    async function* chunks() {
      for (let n = 0; n < 4; n++) yield Buffer.alloc(1024 * 1024, 120);
    }
    const answer = await request(`${base}/webhook`, {
      method: 'POST',
      body: chunks() as never,
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.statusCode).toBe(413);
    await answer.body.dump();
  });
});

it('ignores events that move no ref', async () => {
  const headers = { 'x-github-event': 'ping', 'x-hub-signature-256': `sha256=${sign(github)}` };
  expect(await post(github, headers)).toBe(202);
  expect(pushes).toEqual([]);
});

it('survives a listener that fails, a client that leaves, and payloads of any shape', async () => {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await new Promise<void>((resolve) => {
    socket.write(
      'POST /webhook HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{',
      () => {
        socket.destroy();
        resolve();
      },
    );
  });
  const weird = fc.oneof(
    fc.anything(),
    fc.record({ ref: fc.anything(), repository: fc.anything(), project: fc.anything() }),
    fc.record({ repository: fc.dictionary(fc.constantFrom('clone_url', 'ssh_url', 'html_url'), fc.anything()) }),
  );
  fc.assert(
    fc.property(weird, (payload) => {
      expect(pushOf(payload).urls.every((url) => typeof url === 'string')).toBe(true);
    }),
  );
  for (const body of ['null', '[]', '7', '{"repository": null}', '{"repository": {"clone_url": 7}, "ref": {}}']) {
    expect(await post(body, { 'x-github-event': 'push', 'x-hub-signature-256': `sha256=${sign(body)}` })).toBe(202);
  }
  expect(pushes).toEqual([]);
});

it('knows the push events of the three forges', () => {
  expect(isPushEvent({ 'x-gitlab-event': 'Tag Push Hook' })).toBe(true);
  expect(isPushEvent({ 'x-gitlab-event': 'Merge Request Hook' })).toBe(false);
  expect(isPushEvent({})).toBe(false);
});
