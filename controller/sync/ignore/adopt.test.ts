import { describe, expect, it } from 'vitest';
import { TRACKING_ANNOTATION } from '../../api/names.ts';
import type { KubeObject } from '../../kube/types.ts';
import { adoptIgnored } from './adopt.ts';
import { type PathStep, parsePathExpression, parsePointerPath } from './path-expression.ts';

const object = (spec: unknown): KubeObject => ({ apiVersion: 'v1', kind: 'Thing', metadata: { name: 'a' }, spec });

function steps(text: string): readonly PathStep[] {
  const parsed = text.startsWith('/') ? parsePointerPath(text) : parsePathExpression(text);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.steps;
}

describe('adoptIgnored', () => {
  const main = { name: 'main', image: 'i:1' };
  it.each<[what: string, path: string, git: unknown, live: unknown, sent: unknown]>([
    ['takes the live value', '/spec/n', { n: 1, m: 1 }, { n: 5, m: 5 }, { n: 5, m: 1 }],
    ['leaves out what the live object lacks', '/spec/n', { n: 1, m: 1 }, {}, { m: 1 }],
    ['adds what Git lacks', '/spec/n', {}, { n: 5 }, { n: 5 }],
    ['makes parents for a value', '/spec/a/b', {}, { a: { b: 5, c: 6 } }, { a: { b: 5 } }],
    ['makes no list', '/spec/l/0', {}, { l: [1, 2] }, {}],
    ['makes nothing of nothing', '/spec/a/b', {}, {}, {}],
    ['changes an item by position', '/spec/l/1', { l: [1, 2] }, { l: [8, 9] }, { l: [1, 9] }],
    ['changes an item by index', '.spec.l[0]', { l: [1, 2] }, { l: [8, 9] }, { l: [8, 2] }],
    ['passes over what is no list', '.spec.l[]?.x', { l: { x: 1 } }, { l: { x: 2 } }, { l: { x: 1 } }],
    [
      'matches items by name',
      '.spec.l[].image',
      { l: [main, { name: 'new', image: 'n:1' }] },
      {
        l: [
          { name: 'side', image: 's:9' },
          { ...main, image: 'i:9' },
        ],
      },
      {
        l: [
          { ...main, image: 'i:9' },
          { name: 'new', image: 'n:1' },
        ],
      },
    ],
    [
      'selects items',
      '.spec.l[] | select(.name == "main") | .image',
      { l: [main, { name: 'b', image: 'b:1' }] },
      {
        l: [
          { name: 'main', image: 'i:9' },
          { name: 'b', image: 'b:9' },
        ],
      },
      {
        l: [
          { name: 'main', image: 'i:9' },
          { name: 'b', image: 'b:1' },
        ],
      },
    ],
  ])('%s', (_, path, git, live, sent) => {
    expect(adoptIgnored(object(git), object(live), [steps(path)])).toEqual(object(sent));
  });

  it("sends Git's value when there is no live object", () => {
    const wanted = object({ n: 1 });
    expect(adoptIgnored(wanted, undefined, [steps('/spec/n')])).toBe(wanted);
  });

  it('never gives up the tracking annotation', () => {
    const wanted = { ...object({}), metadata: { name: 'a', annotations: { [TRACKING_ANNOTATION]: 'us', x: '1' } } };
    const live = { ...object({}), metadata: { name: 'a', annotations: { x: '2' } } };
    expect(adoptIgnored(wanted, live, [steps('/metadata/annotations')]).metadata.annotations).toEqual({
      [TRACKING_ANNOTATION]: 'us',
      x: '2',
    });
  });
});
