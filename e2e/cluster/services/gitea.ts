import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureAsset } from '../assets.ts';
import { ensurePrograms, programPath } from '../build.ts';
import { writeConfiguration } from '../files.ts';
import { folders as defaultFolders } from '../folders.ts';
import { isHealthy } from '../http.ts';
import { PROGRAMS } from '../programs.ts';
import { run } from '../run.ts';
import { choosePort, type Service, startService } from './service.ts';

/** How to run Gitea. */
export interface GiteaOptions {
  readonly stateDir: string;
  /** Address to listen on, and in the URLs that it gives out. */
  readonly bind: string;
  readonly port?: number;
  readonly onProgress?: (line: string) => void;
}

/** A running forge: repositories over HTTP, pull requests, webhooks; API at `<url>/api/v1`. */
export interface Gitea extends Service {
  /** An administrator. */
  readonly user: string;
  /** Made at the first start. */
  readonly password: string;
  /** A token of the user with all rights: `authorization: token …`, or as a password for Git. */
  readonly token: string;
}

const USER = 'slipway';

/** Starts Gitea on sqlite and makes an administrator with a token. Right after a pull request, a merge may answer 405: ask again. */
export async function startGitea(options: GiteaOptions): Promise<Gitea> {
  const folders = defaultFolders();
  const onProgress = options.onProgress ?? (() => undefined);
  await ensurePrograms(['gitea'], folders, onProgress);
  const assets = await ensureAsset('gitea', folders, onProgress);
  const port = await choosePort(options.stateDir, 'gitea', options.port);
  const folder = join(options.stateDir, 'gitea');
  const configuration = join(folder, 'app.ini');
  const url = `http://${options.bind}:${port}`;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!existsSync(configuration)) writeFileSync(configuration, giteaConfiguration(folder, assets, options.bind, port));
  const command = programPath('gitea', folders);
  const env = {
    GITEA_I_AM_BEING_UNSAFE_RUNNING_AS_ROOT: 'true',
    GITEA_WORK_DIR: folder,
    GITEA_CUSTOM: join(folder, 'custom'),
    HOME: folder,
  };
  const flags = [`--config=${configuration}`];
  const service = await startService(options.stateDir, {
    name: 'gitea',
    command,
    args: ['web', ...flags],
    env,
    version: PROGRAMS.gitea.version,
    url,
    isReady: () => isHealthy(`${url}/api/healthz`),
  });
  const admin = (...args: string[]): Promise<string> =>
    run(command, ['admin', 'user', ...args, ...flags], {
      cwd: folder,
      env: { ...process.env, ...env },
      purpose: `gitea admin user ${args[0]}`,
    });
  return { ...service, user: USER, ...(await credentials(folder, admin)) };
}

/** Makes the user at the first start, then remembers. */
async function credentials(
  folder: string,
  admin: (...args: string[]) => Promise<string>,
): Promise<{ password: string; token: string }> {
  const file = join(folder, 'credentials.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as { password: string; token: string };
  const password = randomUUID();
  const who = ['--username', USER];
  const email = ['--email', 'slipway@example.com'];
  await admin('create', '--admin', '--must-change-password=false', ...who, '--password', password, ...email);
  const output = await admin('generate-access-token', '--raw', '--token-name', 'all', '--scopes', 'all', ...who);
  // Warnings may come before it.
  const token = output.trim().split('\n').at(-1) ?? '';
  writeConfiguration(file, JSON.stringify({ password, token }));
  return { password, token };
}

/** Gitea's app.ini; `assets` holds its templates and translations. Nothing that sends or fetches anything, webhooks to this machine and to pods only. */
export function giteaConfiguration(folder: string, assets: string, bind: string, port: number): string {
  return `APP_NAME = slipway
RUN_MODE = prod

[server]
PROTOCOL = http
HTTP_ADDR = ${bind}
HTTP_PORT = ${port}
ROOT_URL = http://${bind}:${port}/
DOMAIN = ${bind}
DISABLE_SSH = true
OFFLINE_MODE = true
STATIC_ROOT_PATH = ${assets}
APP_DATA_PATH = ${join(folder, 'data')}

[database]
DB_TYPE = sqlite3
PATH = ${join(folder, 'gitea.db')}

[repository]
ROOT = ${join(folder, 'repositories')}
DEFAULT_BRANCH = main

[security]
INSTALL_LOCK = true

[webhook]
ALLOWED_HOST_LIST = loopback, private
DELIVER_TIMEOUT = 5

[service]
DISABLE_REGISTRATION = true

[actions]
ENABLED = false

[packages]
ENABLED = false

[cron.update_checker]
ENABLED = false

[log]
MODE = console
LEVEL = warn
ROOT_PATH = ${join(folder, 'log')}
`;
}
