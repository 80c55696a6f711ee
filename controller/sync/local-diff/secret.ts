import { Buffer } from 'node:buffer';
import type { KubeObject } from '../../kube/types.ts';
import { type FieldDifference, isFields } from './difference.ts';

/** What stands for a value of a Secret. */
export const MASK = '***';

export function isSecret(object: { apiVersion: string; kind: string }): boolean {
  return object.kind === 'Secret' && object.apiVersion === 'v1';
}

/**
 * A Secret as the API server keeps it: stringData moved into data, and data in the one canonical base64. Texts that are no
 * base64 stay as they are, to be compared as texts.
 */
export function normalSecret(secret: KubeObject): KubeObject {
  const { data, stringData, ...rest } = secret;
  if (data === undefined && stringData === undefined) return secret;
  const stored = new Map<string, unknown>();
  for (const [key, value] of Object.entries(isFields(data) ? data : {})) stored.set(key, canonicalBase64(value));
  for (const [key, value] of Object.entries(isFields(stringData) ? stringData : {})) {
    stored.set(key, value === null ? '' : Buffer.from(String(value), 'utf8').toString('base64'));
  }
  // Texts in place of maps are refused by the API server, and differ.
  const wrong = [data, stringData].find((part) => part !== undefined && part !== null && !isFields(part));
  return { ...rest, data: wrong ?? Object.fromEntries(stored) } as KubeObject;
}

function canonicalBase64(value: unknown): unknown {
  if (typeof value !== 'string') return value ?? '';
  const text = value.replace(/[\r\n]/g, '');
  const decoded = Buffer.from(text, 'base64').toString('base64');
  return decoded === text ? decoded : value;
}

/** The difference without the values of a Secret, also where kubectl keeps a copy of them: only that they differ is shown. */
export function maskSecret(difference: FieldDifference): FieldDifference {
  const { path, change } = difference;
  const holdsCopy = path.startsWith('metadata') && JSON.stringify(difference).includes('last-applied-configuration');
  if (!/^(?:data|stringData)\b/.test(path) && !holdsCopy) return difference;
  return {
    path,
    change,
    ...('live' in difference && { live: MASK }),
    ...('desired' in difference && { desired: MASK }),
  };
}
