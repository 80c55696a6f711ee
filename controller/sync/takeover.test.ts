import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../kube/types.ts';
import type { FieldSet, ManagedFieldsEntry } from './managed-fields.ts';
import { fieldBeyondGit, LAST_APPLIED_ANNOTATION, takeover } from './takeover.ts';

const leaf: FieldSet = {};
const entry = (manager: string, fieldsV1: FieldSet, more: Partial<ManagedFieldsEntry> = {}): ManagedFieldsEntry => ({
  manager,
  operation: 'Update',
  apiVersion: 'v1',
  fieldsType: 'FieldsV1',
  fieldsV1,
  ...more,
});
const ours = (fieldsV1: FieldSet): ManagedFieldsEntry => entry('slipway', fieldsV1, { operation: 'Apply' });
const data = (...keys: string[]): FieldSet => ({ 'f:data': Object.fromEntries(keys.map((key) => [`f:${key}`, leaf])) });
const annotated: FieldSet = { 'f:metadata': { 'f:annotations': { [`f:${LAST_APPLIED_ANNOTATION}`]: leaf } } };

function live(managedFields: readonly ManagedFieldsEntry[], annotations: Record<string, string> = {}): KubeObject {
  const metadata = { name: 'a', resourceVersion: '7', annotations, managedFields };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata };
}

/** The managedFields after the patch; undefined without one. */
function taken(...managedFields: ManagedFieldsEntry[]): unknown {
  return takeover(live(managedFields))?.find(({ path }) => path === '/metadata/managedFields')?.value;
}

describe('takeover', () => {
  it('makes the fields of a predecessor ours, and drops its annotation, if nobody wrote in between', () => {
    const kubectl = entry('kubectl-client-side-apply', { ...data('x'), ...annotated }, { time: 't' });
    expect(takeover(live([kubectl], { [LAST_APPLIED_ANNOTATION]: '{}' }))).toEqual([
      { op: 'remove', path: '/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration' },
      { op: 'replace', path: '/metadata/managedFields', value: [{ ...ours(data('x')), time: 't' }] },
      { op: 'replace', path: '/metadata/resourceVersion', value: '7' },
    ]);
  });

  it('joins them with what is ours', () => {
    expect(taken(entry('argocd-controller', data('y')), entry('other', data('z')), ours(data('x')))).toEqual([
      ours(data('x', 'y')),
      entry('other', data('z')),
    ]);
  });

  it.each<[what: string, entries: ManagedFieldsEntry[]]>([
    ['nobody else', [ours(data('x'))]],
    ['another controller', [entry('kube-controller-manager', data('x'))]],
    ['a subresource', [entry('kubectl', data('x'), { subresource: 'scale' })]],
    ['another API version than ours', [ours(data('x')), entry('kubectl', data('y'), { apiVersion: 'v1beta1' })]],
    ['a single act', [ours(data('x')), entry('kubectl-rollout', data('y'))]],
    ['whom nobody knows', [ours(data('x')), entry('before-first-apply', data('y'))]],
  ])('leaves the fields of %s alone', (_, entries) => {
    expect(takeover(live(entries, { [LAST_APPLIED_ANNOTATION]: '{}' }))).toBeUndefined();
  });

  it.each(['kubectl-patch', 'before-first-apply'])('shares nothing with %s that Git has, too', (manager) => {
    expect(taken(ours(data('x')), entry(manager, data('x', 'y')))).toEqual([
      ours(data('x')),
      entry(manager, data('y')),
    ]);
    expect(taken(ours(data('x', 'y')), entry(manager, data('x')))).toEqual([ours(data('x', 'y'))]);
  });

  it('gives up what is ignored, but never the tracking annotation', () => {
    const tracking = { 'f:metadata': { 'f:annotations': { 'f:slipway.dev/tracking-id': leaf } } };
    const set = {
      'f:metadata': { 'f:annotations': { 'f:slipway.dev/tracking-id': leaf, 'f:x': leaf } },
      ...data('x', 'y'),
    };
    const fields = [
      ['f:metadata', 'f:annotations'],
      ['f:data', 'f:x'],
    ];
    const patch = takeover(live([ours(set)]), { fields, managers: [] });
    expect(patch?.[0]?.value).toEqual([ours({ ...tracking, ...data('y') })]);
    expect(takeover(live([ours({ ...tracking, ...data('y') })]), { fields, managers: [] })).toBeUndefined();
  });

  it('leaves managers alone whose fields are ignored', () => {
    const entries = [ours(data('x')), entry('kustomize-controller', data('x')), entry('kubectl-patch', data('x'))];
    const left = { fields: [], managers: ['kustomize-controller', 'kubectl-patch'] };
    expect(takeover(live(entries), left)).toBeUndefined();
  });

  it('keeps no empty entry', () => {
    expect(taken(entry('kubectl-client-side-apply', annotated))).toEqual([]);
  });

  it('passes over an entry of an unknown format', () => {
    expect(taken(entry('kubectl', data('x'), { fieldsType: 'FieldsV2' }))).toBeUndefined();
  });
});

describe('fieldBeyondGit', () => {
  it('names the field that kubectl apply added', () => {
    const object = live([ours(data('x')), entry('kubectl-client-side-apply', { ...annotated, ...data('x', 'y') })]);
    expect(fieldBeyondGit(object)).toEqual({ path: 'data.y', manager: 'kubectl-client-side-apply' });
  });
  it('does not mind what is ignored', () => {
    const object = live([ours(data('x')), entry('kubectl-edit', data('x', 'y'))]);
    expect(fieldBeyondGit(object, { fields: [['f:data', 'f:y']], managers: [] })).toBeUndefined();
    expect(fieldBeyondGit(object, { fields: [], managers: ['kubectl-edit'] })).toBeUndefined();
  });
  it.each<[what: string, other: ManagedFieldsEntry]>([
    ['a field that Git has, too', entry('kubectl', data('x'))],
    ['the annotation alone', entry('kubectl-client-side-apply', annotated)],
    ['the field of another controller', entry('injector', data('y'))],
    ['a restart', entry('kubectl-rollout', data('y'))],
    ['what could not be taken over', entry('kubectl', data('y'), { apiVersion: 'v1beta1' })],
  ])('does not mind %s', (_, other) => {
    expect(fieldBeyondGit(live([ours(data('x')), other]))).toBeUndefined();
  });
});
