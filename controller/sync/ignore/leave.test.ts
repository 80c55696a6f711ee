import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/types.ts';
import type { FieldSet } from '../managed-fields.ts';
import { leaveIgnored } from './leave.ts';
import { pathsOfManagers } from './managed-paths.ts';
import { type PathStep, parsePathExpression, parsePointerPath } from './path-expression.ts';

const leaf: FieldSet = {};
const self = { '.': leaf };
const wanted = (spec: unknown): KubeObject => ({ apiVersion: 'v1', kind: 'Thing', metadata: { name: 'a' }, spec });

/** A live object of which somebody owns `owned` below spec. */
function live(spec: unknown, owned: FieldSet, entry: object = { manager: 'slipway' }): KubeObject {
  const whole = {
    operation: 'Apply',
    apiVersion: 'v1',
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:spec': owned },
    ...entry,
  };
  return { ...wanted(spec), metadata: { name: 'a', managedFields: [whole] } as KubeObject['metadata'] };
}

function steps(text: string): readonly PathStep[] {
  const parsed = text.startsWith('/') ? parsePointerPath(text) : parsePathExpression(text);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.steps;
}

describe('leaveIgnored', () => {
  const items = { 'k:{"name":"x"}': { ...self, 'f:name': leaf, 'f:a': leaf } };
  const ports = { 'k:{"port":80,"protocol":"TCP"}': { ...self, 'f:port': leaf } };
  const left = (...path: string[]): string[][] => [['f:spec', ...path]];
  it.each<[what: string, path: string, git: unknown, there: unknown, owned: FieldSet, sent: unknown, left: string[][]]>(
    [
      ['leaves a field out', '/spec/n', { n: 1, m: 1 }, { n: 5 }, { 'f:n': leaf }, { m: 1 }, left('f:n')],
      ['and one that nobody owns', '/spec/n', { n: 1, m: 1 }, { n: 5 }, { 'f:m': leaf }, { m: 1 }, left('f:n')],
      ['does not send what Git lacks', '/spec/n', { m: 1 }, { n: 5 }, { 'f:n': leaf }, { m: 1 }, left('f:n')],
      [
        'nor a parent of nothing',
        '/spec/a/b',
        { a: { b: 1 }, m: 1 },
        {},
        { 'f:m': leaf },
        { m: 1 },
        left('f:a', 'f:b'),
      ],
      [
        'leaves out a field of an item',
        '.spec.l[].a',
        { l: [{ name: 'x', a: 1, b: 1 }] },
        { l: [{ name: 'x', a: 5 }] },
        { 'f:l': items },
        { l: [{ name: 'x', b: 1 }] },
        left('f:l', 'k:{"name":"x"}', 'f:a'),
      ],
      [
        'finds an item by keys with defaults',
        '/spec/l/0/a',
        { l: [{ port: 80, a: 1 }] },
        { l: [{ port: 80, protocol: 'TCP', a: 5 }] },
        { 'f:l': ports },
        { l: [{ port: 80 }] },
        left('f:l', 'k:{"port":80,"protocol":"TCP"}', 'f:a'),
      ],
      [
        "sends Git's new item as it is",
        '.spec.l[].a',
        { l: [{ name: 'new', a: 1 }] },
        { l: [{ name: 'x', a: 5 }] },
        { 'f:l': items },
        { l: [{ name: 'new', a: 1 }] },
        [],
      ],
      [
        'leaves the keys of an item in',
        '.spec.l[].name',
        { l: [{ name: 'x', a: 1 }] },
        { l: [{ name: 'x', a: 5 }] },
        { 'f:l': items },
        { l: [{ name: 'x', a: 1 }] },
        [],
      ],
      [
        'takes the live value within a list that has one owner',
        '.spec.l[].a',
        { l: [{ name: 'x', a: 1 }] },
        { l: [{ name: 'x', a: 5 }] },
        { 'f:l': leaf },
        { l: [{ name: 'x', a: 5 }] },
        [],
      ],
      [
        'and within such a map',
        '/spec/m/a',
        { m: { b: 1 } },
        { m: { a: 5 } },
        { 'f:m': leaf },
        { m: { b: 1, a: 5 } },
        [],
      ],
      [
        'and where it cannot know yet',
        '/spec/m/a',
        { m: { a: 1, b: 1 } },
        { m: { a: 5 } },
        { 'f:x': leaf },
        { m: { a: 5, b: 1 } },
        [],
      ],
      [
        'sends no part of such a map that Git lacks',
        '/spec/m/a',
        { n: 1 },
        { m: { a: 5 } },
        { 'f:m': leaf },
        { n: 1 },
        [],
      ],
    ],
  )('%s', (_, path, git, there, owned, sent, fields) => {
    expect(leaveIgnored(wanted(git), live(there, owned), [steps(path)])).toEqual({
      object: wanted(sent),
      left: fields,
    });
  });

  it('takes the live value when ours is in another API version, or nobody is known', () => {
    const adopted = { object: wanted({ n: 5 }), left: [] };
    const old = live({ n: 5 }, { 'f:n': leaf }, { manager: 'slipway', apiVersion: 'v1beta1' });
    expect(leaveIgnored(wanted({ n: 1 }), old, [steps('/spec/n')])).toEqual(adopted);
    expect(leaveIgnored(wanted({ n: 1 }), wanted({ n: 5 }), [steps('/spec/n')])).toEqual(adopted);
  });

  it("sends Git's value when there is no live object", () => {
    const object = wanted({ n: 1 });
    expect(leaveIgnored(object, undefined, [steps('/spec/n')])).toEqual({ object, left: [] });
  });
});

describe('pathsOfManagers', () => {
  const owned = {
    'f:n': leaf,
    'f:l': { 'k:{"name":"x"}': { ...self, 'f:name': leaf, 'f:a': leaf } },
    'f:s': { 'v:1': leaf },
  };
  const item: PathStep = { step: 'keyed', keys: { name: 'x' } };
  it('are the fields that they wrote, without keys of items', () => {
    const spec: PathStep = { step: 'field', name: 'spec' };
    expect(pathsOfManagers(live({}, owned, { manager: 'm' }), ['m'], 'v1')).toEqual([
      [spec, { step: 'field', name: 'n' }],
      [spec, { step: 'field', name: 'l' }, item, { step: 'field', name: 'a' }],
    ]);
  });
  it.each([
    ['another manager', { manager: 'other' }],
    ['a report', { manager: 'm', subresource: 'status' }],
    ['another API version', { manager: 'm', apiVersion: 'v2' }],
    ['what says which object it is', { manager: 'm', fieldsV1: { 'f:metadata': { 'f:generateName': leaf } } }],
  ])('are none of %s', (_, entry) => {
    expect(pathsOfManagers(live({}, owned, entry), ['m'], 'v1')).toEqual([]);
  });
});
