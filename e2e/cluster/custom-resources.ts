import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { ClusterError } from './errors.ts';
import { repositoryRoot } from './folders.ts';
import type { KubeObject } from './kube-api.ts';

/** The objects in the YAML files of a folder (not of its subfolders). */
export function readManifests(folder: string): KubeObject[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .flatMap((file) =>
      parseAllDocuments(readFileSync(join(folder, file), 'utf8')).flatMap((document) => {
        if (document.errors[0] !== undefined) throw new ClusterError(`${file}: ${document.errors[0].message}`);
        return document.contents === null ? [] : [document.toJS() as KubeObject];
      }),
    );
}

/** This project's own CustomResourceDefinitions. */
export function ownDefinitions(): KubeObject[] {
  return readManifests(join(repositoryRoot(), 'crds')).filter(({ kind }) => kind === 'CustomResourceDefinition');
}
