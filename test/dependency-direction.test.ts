import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../controller', import.meta.url));

/** Layers from the ground up. A folder may import from lower layers and from itself, not from its siblings. */
const LAYERS = [
  ['platform'],
  ['api'],
  ['kube', 'manifest', 'git'],
  ['sync', 'rollout', 'analysis', 'traffic', 'registry'],
  ['reconcile', 'compatibility'],
  ['server', 'cli'],
  ['(main)'],
];
/** Kubernetes JSON and the ports to the API server: the vocabulary of everything above platform. */
const SHARED = join('kube', 'types.ts');
/** A sibling's contract: plain types, which the side that fills them in may import as types. */
const CONTRACT = /^(rollout|registry|analysis)\/(snapshot|port)\.ts$/;
/** Modules that reach out of the process, and the folders where that is the task. */
const IO =
  /^(node:(fs|net|http|https|child_process|worker_threads|dns|tls)(\/.*)?|undici|@kubernetes\/client-node|isomorphic-git.*)$/;
const DOES_IO =
  /^(platform|kube|git|server|cli|reconcile)\/|^analysis\/providers\/|^registry\/(connections|mlflow|kubeflow)|^main\.ts$/;
/** What the layers of decisions may use of kube/: functions of plain data. The client comes to them as a parameter. */
const PURE_KUBE = /^kube\/(types|errors|backoff|ingest)\.ts$/;
const DECIDES = /^(sync|rollout|analysis|traffic|registry)\//;

interface Import {
  from: string;
  to: string;
  typeOnly: boolean;
}

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (f) => f.endsWith('.ts') && !f.endsWith('.test.ts'),
  );
}

/** All imports and re-exports of a file, also dynamic ones. */
function importsOf(file: string): Import[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const statements =
    /(?:^|\n)\s*(?:import|export)\s+(type\s)?[^'";]*?from\s+'([^']+)'|(?:^|\n)\s*import\s+'([^']+)'|\bimport\('([^']+)'\)/g;
  return [...text.matchAll(statements)].map((match) => {
    const target = match[2] ?? match[3] ?? match[4] ?? '';
    const to = target.startsWith('.') ? relative(ROOT, join(ROOT, dirname(file), target)) : target;
    return { from: file, to, typeOnly: match[1] !== undefined };
  });
}

function layerOf(file: string): { layer: number; folder: string } {
  const folder = file.includes(sep) ? (file.split(sep)[0] ?? '') : '(main)';
  return { layer: LAYERS.findIndex((folders) => folders.includes(folder)), folder };
}

const slashes = (path: string): string => path.split(sep).join('/');
const isInternal = (i: Import): boolean => i.to.endsWith('.ts');
const all = sources(ROOT).flatMap(importsOf);

describe('the dependency direction', () => {
  it('knows every folder', () => {
    const unknown = [...new Set(sources(ROOT).map((file) => layerOf(file).folder))].filter(
      (f) => !LAYERS.flat().includes(f),
    );
    expect(unknown).toEqual([]);
  });

  it('is from the top to the ground', () => {
    const wrong = all.filter(isInternal).filter((i) => {
      const from = layerOf(i.from);
      const to = layerOf(i.to);
      if (from.folder === to.folder) return false;
      // The composition root is never imported.
      if (to.folder === '(main)') return true;
      if (i.to === SHARED && from.folder !== 'platform') return false;
      if (to.layer === from.layer && i.typeOnly && CONTRACT.test(slashes(i.to))) return false;
      return to.layer >= from.layer;
    });
    expect(wrong.map((i) => `${i.from} -> ${i.to}`)).toEqual([]);
  });

  it('stays inside controller/', () => {
    const outside = all.filter((i) => i.to.startsWith('..') && i.to !== join('..', 'package.json'));
    expect(outside.map((i) => `${i.from} -> ${i.to}`)).toEqual([]);
  });

  it('keeps I/O at the edges', () => {
    const wrong = all.filter((i) => !i.typeOnly && IO.test(i.to) && !DOES_IO.test(slashes(i.from)));
    expect(wrong.map((i) => `${i.from} -> ${i.to}`)).toEqual([]);
  });

  it('keeps the API server out of decisions', () => {
    const wrong = all.filter(
      (i) =>
        DECIDES.test(slashes(i.from)) && !i.typeOnly && i.to.startsWith(`kube${sep}`) && !PURE_KUBE.test(slashes(i.to)),
    );
    expect(wrong.map((i) => `${i.from} -> ${i.to}`)).toEqual([]);
  });

  it('lets only platform touch the globals that tests must control', () => {
    const forbidden =
      /\bDate\.now\(|\bnew Date\(\)|(?<![.\w])set(?:Timeout|Interval)\(|\bMath\.random\(|\bprocess\.env\b/;
    const wrong = sources(ROOT)
      .filter((file) => !file.startsWith(`platform${sep}`) && !/(^|\/)main\.ts$/.test(file))
      .filter((file) => forbidden.test(withoutComments(readFileSync(join(ROOT, file), 'utf8'))));
    expect(wrong).toEqual([]);
  });
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}
