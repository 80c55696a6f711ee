import { describe, expect, it } from 'vitest';
import { loadManifests } from '../manifest/load.ts';
import { wantsObject } from './wanted.ts';

const text = [
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: far}\n',
  'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n',
  'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: all, namespace: nonsense}\n',
].join('---\n');
const loaded = loadManifests([{ path: 'all.yaml', text }]);

describe('whether a folder has an object', () => {
  it.each([
    ['', 'ConfigMap', 'team', 'a', true],
    ['', 'ConfigMap', 'far', 'a', true],
    ['', 'ConfigMap', 'else', 'a', false],
    ['', 'ConfigMap', 'team', 'b', false],
    ['apps', 'Deployment', 'team', 'web', true],
    ['extensions', 'Deployment', 'team', 'web', false],
    ['rbac.authorization.k8s.io', 'ClusterRole', '', 'all', true],
  ])('%s/%s %s/%s: %s', (group, kind, namespace, name, wanted) => {
    expect(wantsObject(loaded, 'team', { group, kind, namespace, name })).toBe(wanted);
  });
});
