import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { KubeObject } from '../../kube/types.ts';
import { maskSecret } from './mask-secret.ts';
import { rawList, rawObject } from './raw-object.ts';

const VALUES = { a: 'yes', b: '0777', c: '12:30', d: '1_000', e: 'null', f: '', g: 'two\nlines\n', h: '2026-01-01' };
const LONG = 'word '.repeat(60).trim();

function secret(more: object = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'keys' }, ...more } as KubeObject;
}

describe('an object for programs', () => {
  it('is read by a parser of YAML 1.1, as kubectl has one, as what it was', () => {
    const object = { ...secret(), data: { ...VALUES, LONG } };
    const text = rawObject(object, 'yaml');
    expect(parse(text, { version: '1.1' })).toEqual(object);
    expect(text).toContain(`LONG: ${LONG}\n`.trimEnd());
  });

  it('has no managedFields, and a name as kubectl prints it', () => {
    const object = secret({ metadata: { name: 'keys', managedFields: [{ manager: 'x' }] } });
    expect(JSON.parse(rawObject(object, 'json')).metadata).toEqual({ name: 'keys' });
    expect(rawObject(object, 'name')).toBe('secret/keys');
    expect(JSON.parse(rawList([object], 'json'))).toMatchObject({ kind: 'List', items: [{ kind: 'Secret' }] });
  });
});

describe('a masked Secret', () => {
  it('keeps its keys and nothing else of its values', () => {
    const object = secret({ data: { token: 'c2VjcmV0' }, stringData: { password: 'secret' }, type: 'Opaque' });
    expect(maskSecret(object)).toEqual(
      secret({ data: { token: '***' }, stringData: { password: '***' }, type: 'Opaque' }),
    );
  });

  it('has no copy of its values in an annotation', () => {
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":"c2VjcmV0"}', kept: 'x' };
    expect(maskSecret(secret({ metadata: { name: 'keys', annotations } })).metadata.annotations).toEqual({ kept: 'x' });
  });

  it('is masked also where its data is nonsense', () => {
    expect(maskSecret(secret({ data: 'c2VjcmV0' }))['data']).toBe('***');
  });

  it('is one of the core group only', () => {
    const other = { ...secret(), apiVersion: 'example.com/v1', data: { open: 'yes' } };
    expect(maskSecret(other)).toBe(other);
  });
});
