import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/types.ts';
import { sha256Hex } from '../../manifest/canonical.ts';
import { contentDigest, keyDigests } from './digest.ts';
import type { ConfigReference } from './references.ts';

const object = (kind: 'ConfigMap' | 'Secret', data: Record<string, string>, uid = 'u'): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'app', uid },
  data,
});
const reading = (keys?: string[]): ConfigReference => ({
  kind: 'ConfigMap',
  name: 'app',
  keys,
  required: true,
  requiredKeys: [],
});
const digest = (of: KubeObject, keys?: string[]): string => contentDigest(reading(keys), keyDigests(of));

describe('the digest of what is read', () => {
  it('never changes for the same content: a change here would start a revision of every Rollout that asks', () => {
    expect(digest(object('ConfigMap', { a: '1', b: '2' }))).toBe('1:853292538e9c4b842611');
    expect(digest(object('Secret', { a: 'MQ==' }))).toBe('1:3ea86232a60933b43472');
  });

  it('does not depend on the order of keys, nor on those that are not read', () => {
    const one = object('ConfigMap', { a: '1', b: '2' });
    expect(digest(object('ConfigMap', { b: '2', a: '1' }))).toBe(digest(one));
    expect(digest(object('ConfigMap', { a: '1', b: 'other' }), ['a'])).toBe(digest(one, ['a']));
    expect(digest(object('ConfigMap', { a: 'other' }), ['a'])).not.toBe(digest(one, ['a']));
  });

  it('tells an empty value, a missing key and a missing object apart', () => {
    const all = [
      digest(object('ConfigMap', { a: '' }), ['a']),
      digest(object('ConfigMap', {}), ['a']),
      contentDigest(reading(['a']), undefined),
    ];
    expect(new Set(all).size).toBe(3);
  });

  it('of a Secret cannot be found by trying values, without what only who may read the Secret knows', () => {
    const secret = object('Secret', { pin: 'MTIzNA==' }, '0b6f1f0c-55d2-4a51-a2f1-9a44b9b6a001');
    const stored = digest(secret, ['pin']);
    const tried = [
      digest(object('ConfigMap', { pin: 'MTIzNA==' }), ['pin']),
      digest(object('Secret', { pin: 'MTIzNA==' }), ['pin']),
    ];
    expect(tried).not.toContain(stored);
    expect(JSON.stringify([...keyDigests(secret)])).not.toContain(sha256Hex('MTIzNA=='));
  });
});
