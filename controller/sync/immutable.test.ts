import { describe, expect, it } from 'vitest';
import { idNamed, paired } from '../../test/applications.ts';
import { KubeError } from '../kube/errors.ts';
import type { ImmutableField } from '../kube/immutable.ts';
import type { KubeObject } from '../kube/types.ts';
import { anewFor, refusedVerdict } from './immutable.ts';
import { DEFAULT_OBJECT_OPTIONS } from './object-options.ts';
import { wholeObject } from './write.ts';

const object = (spec: unknown): KubeObject => ({ apiVersion: 'v1', kind: 'Thing', metadata: { name: 'a' }, spec });
const refused = (...immutable: ImmutableField[]): KubeError =>
  new KubeError('KubeInvalid', 'apply things a: no', { status: 422, reason: 'Invalid', immutable, retryable: false });
const desired = (spec: unknown, force = false, kind = 'StatefulSet') => ({
  ...paired(idNamed('a', kind)).desired,
  object: object(spec),
  options: { ...DEFAULT_OBJECT_OPTIONS, force },
});
const selector = { field: 'spec.selector', why: 'field is immutable' };

describe('refusedVerdict', () => {
  it('names the field and the remedy', () => {
    expect(refusedVerdict(refused(selector), desired({}), object({}))).toEqual({
      state: 'failed',
      reason: 'FieldImmutable',
      message:
        'spec.selector cannot be changed (field is immutable); change it back, rename the object, or have it deleted and made anew by its annotation slipway.dev/sync-options: Force=true (a.yaml:1)',
      permanent: true,
    });
  });

  it('names the parts of a spec that is refused as a whole, without those that may be changed', () => {
    const why = "updates to statefulset spec for fields other than 'replicas', 'template' are forbidden";
    const live = { replicas: 1, claims: [{ size: 1, mode: 'x' }], same: [{ a: 1, defaulted: 2 }], template: 1 };
    const wanted = { replicas: 2, claims: [{ size: 2 }], same: [{ a: 1 }], template: 2 };
    expect(refusedVerdict(refused({ field: 'spec', why }), desired(wanted), object(live))).toMatchObject({
      message: expect.stringMatching(/^spec\.claims cannot be changed \(updates to/),
    });
  });

  it.each(['Namespace', 'ConfigMap'])('offers to make a %s anew only if little is lost', (kind) => {
    const verdict = refusedVerdict(refused(selector), desired({}, true, kind), object({}));
    const offered = JSON.stringify(verdict).includes('Force=true');
    expect(offered).toBe(kind !== 'Namespace');
    expect(anewFor(refused(selector), desired({}, true, kind), { wanted: object({}), live: object({}) })).toBe(
      kind === 'Namespace' ? undefined : 'spec.selector cannot be changed (field is immutable)',
    );
  });

  it('leaves other errors as they are', () => {
    expect(refusedVerdict(refused(), desired({}), object({}))).toMatchObject({ reason: 'ObjectRefused' });
  });
});

describe('anewFor', () => {
  const text = { wanted: object({}), live: object({}) };
  it('needs the option, an object and such an error', () => {
    expect(anewFor(refused(selector), desired({}), text)).toBeUndefined();
    expect(anewFor(refused(selector), desired({}, true), { ...text, live: undefined })).toBeUndefined();
    expect(anewFor(refused(), desired({}, true), text)).toBeUndefined();
  });
});

it('a PUT keeps finalizers, owners and status, unless Git has its own', () => {
  const metadata = { name: 'a', resourceVersion: '7', uid: 'u', finalizers: ['f'], labels: { by: 'hand' } };
  const live = { ...object({ n: 5, m: 1 }), metadata, status: { ok: true } };
  expect(wholeObject(object({ n: 1 }), live)).toEqual({
    ...object({ n: 1 }),
    metadata: { name: 'a', resourceVersion: '7', finalizers: ['f'] },
    status: { ok: true },
  });
  const own = { ...object({}), metadata: { name: 'a', finalizers: ['mine'] } };
  expect(wholeObject(own, live).metadata.finalizers).toEqual(['mine']);
});
