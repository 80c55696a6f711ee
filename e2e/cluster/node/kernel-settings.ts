import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clusterNames } from '../cluster-record.ts';
import type { Folders } from '../folders.ts';

/** What kubelet sets for the whole machine when it starts, without a way to tell it not to. */
const SETTINGS = ['vm/overcommit_memory', 'vm/panic_on_oom', 'kernel/panic', 'kernel/panic_on_oops'];
const FILE = 'kernel-settings.json';

type Settings = Record<string, string>;

/** Remembers the machine's settings before a node's first start. If another node runs, those from before that one. */
export function rememberKernelSettings(dir: string, folders: Folders): void {
  if (existsSync(join(dir, FILE))) return;
  const settings =
    readSaved(folders, dir) ??
    Object.fromEntries(SETTINGS.map((name) => [name, readFileSync(`/proc/sys/${name}`, 'utf8').trim()]));
  writeFileSync(join(dir, FILE), JSON.stringify(settings));
}

/** Sets them back when the last node goes. */
export function restoreKernelSettings(dir: string, folders: Folders): void {
  if (!existsSync(join(dir, FILE)) || readSaved(folders, dir) !== undefined) return;
  const settings = JSON.parse(readFileSync(join(dir, FILE), 'utf8')) as Settings;
  for (const [name, value] of Object.entries(settings)) {
    if (SETTINGS.includes(name)) writeFileSync(`/proc/sys/${name}`, `${value}\n`);
  }
}

function readSaved(folders: Folders, except: string): Settings | undefined {
  const others = clusterNames(folders)
    .map((name) => join(folders.clusters, name))
    .filter((dir) => dir !== except && existsSync(join(dir, FILE)));
  return others[0] === undefined ? undefined : (JSON.parse(readFileSync(join(others[0], FILE), 'utf8')) as Settings);
}
