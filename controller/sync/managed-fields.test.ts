import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FieldSet, firstBeyond, select, union, without } from './managed-fields.ts';

const leaf: FieldSet = {};
const self = { '.': leaf };

describe('sets of fields', () => {
  it('are joined, a field with children staying a field', () => {
    expect(union({ 'f:a': leaf, 'f:b': { 'f:c': leaf } }, { 'f:a': { 'f:x': leaf }, 'f:b': { 'f:d': leaf } })).toEqual({
      'f:a': { ...self, 'f:x': leaf },
      'f:b': { 'f:c': leaf, 'f:d': leaf },
    });
  });

  it('are split into what another has, too, and what not', () => {
    const set = { 'f:a': leaf, 'f:l': { 'k:{"name":"x"}': { ...self, 'f:image': leaf, 'f:tty': leaf } } };
    const other = { 'f:l': { 'k:{"name":"x"}': { ...self, 'f:image': leaf } }, 'f:z': leaf };
    expect(select(set, other, true)).toEqual({ 'f:l': other['f:l'] });
    expect(select(set, other, false)).toEqual({ 'f:a': leaf, 'f:l': { 'k:{"name":"x"}': { 'f:tty': leaf } } });
  });

  const tree = fc.letrec<{ node: FieldSet }>((tie) => ({
    node: fc
      .dictionary(
        fc.constantFrom('f:a', 'f:b', 'k:{"n":1}', '.'),
        fc.oneof({ depthSize: 'small' }, fc.constant(leaf), tie('node')),
        { maxKeys: 3 },
      )
      .map(tidy),
  })).node;
  it('lose nothing by being split and joined', () => {
    fc.assert(
      fc.property(tree, tree, (a, b) => {
        const [all, other] = [{ 'f:root': a }, { 'f:root': b }];
        const [both, rest] = [select(all, other, true), select(all, other, false)];
        expect([...members(both), ...members(rest)].sort()).toEqual(members(all));
        expect(members(union(both, rest))).toEqual(members(all));
      }),
    );
  });
});

it('a field and what is below it is taken out of a set, and so are parents that then are empty', () => {
  const set = { 'f:metadata': { 'f:annotations': { 'f:x': leaf } }, 'f:spec': { 'f:a': leaf } };
  expect(without(set, ['f:metadata', 'f:annotations', 'f:x'])).toEqual({ 'f:spec': { 'f:a': leaf } });
  expect(without(set, ['f:spec', 'f:b'])).toEqual(set);
});

describe('the first field beyond another set', () => {
  it.each<[set: FieldSet, other: FieldSet, path: string | undefined]>([
    [{ 'f:a': { 'f:b': leaf } }, {}, 'a.b'],
    [{ 'f:a': { 'f:b': leaf } }, { 'f:a': { 'f:b': leaf } }, undefined],
    // Who added the first label also "has" the map of labels, which says nothing.
    [{ 'f:labels': { ...self, 'f:x': leaf } }, { 'f:labels': { 'f:x': leaf } }, undefined],
    [{ 'f:labels': { ...self, 'f:x/y': leaf } }, {}, 'labels["x/y"]'],
    [{ 'f:c': { 'k:{"name":"x"}': { ...self, 'f:tty': leaf } } }, {}, 'c[name="x"]'],
    [
      { 'f:c': { 'k:{"name":"x"}': { ...self, 'f:tty': leaf } } },
      { 'f:c': { 'k:{"name":"x"}': self } },
      'c[name="x"].tty',
    ],
    [{ 'f:p': { 'k:{"containerPort":81,"protocol":"TCP"}': self } }, {}, 'p[containerPort=81,protocol="TCP"]'],
    [{ 'f:finalizers': { 'v:"secret"': leaf } }, {}, 'finalizers[]'],
    // A list or map that has one owner as a whole.
    [{ 'f:selector': { 'f:app': leaf } }, { 'f:selector': leaf }, undefined],
  ])('%j beyond %j is %s', (set, other, path) => {
    expect(firstBeyond(set, other)).toBe(path);
  });
});

/** As the API server would write it: `.` has no children, and a leaf no `.`. */
function tidy(node: FieldSet): FieldSet {
  const keys = Object.keys(node);
  if (keys.length === 1 && keys[0] === '.') return leaf;
  return node['.'] === undefined ? node : { ...node, '.': leaf };
}

function members(node: FieldSet, path = ''): string[] {
  return Object.entries(node)
    .flatMap(([step, child]) => {
      if (step === '.') return [];
      const here = Object.keys(child).length === 0 || child['.'] !== undefined ? [path + step] : [];
      return [...here, ...members(child, `${path}${step}/`)];
    })
    .sort();
}
