import { asObject } from './plain.ts';

/** Labels and annotations that a Rollout or an Experiment wants on its AnalysisRuns; its own marks go before them. */
export interface RunMetadata {
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const PREFIX = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;

/** The first label or annotation that the API server would refuse: the field below the metadata and why. */
export function metadataProblem(metadata: unknown): { field: string; problem: string } | undefined {
  for (const part of ['labels', 'annotations'] as const) {
    for (const [key, value] of Object.entries(asObject(asObject(metadata)?.[part]) ?? {})) {
      const field = `${part}['${key}']`;
      if (!isKey(key)) return { field, problem: `"${key}" is no key: write NAME or PREFIX/NAME, for example team` };
      if (typeof value !== 'string') return { field, problem: 'write text' };
      if (part === 'labels' && value !== '' && !NAME.test(value)) {
        const rule = 'at most 63 letters, digits, ".", "_", "-", the first and last a letter or digit';
        return { field, problem: `"${value}" is no value of a label: write ${rule}` };
      }
    }
  }
  return undefined;
}

function isKey(key: string): boolean {
  const parts = key.split('/');
  const name = parts.pop() ?? '';
  return NAME.test(name) && parts.length <= 1 && parts.every((prefix) => PREFIX.test(prefix));
}
