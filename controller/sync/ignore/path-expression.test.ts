import { describe, expect, it } from 'vitest';
import { type PathStep, parsePathExpression, parsePointerPath } from './path-expression.ts';

const field = (name: string): PathStep => ({ step: 'field', name });
const each: PathStep = { step: 'each' };
const named = (equals: string): PathStep => ({ step: 'each', where: { field: ['name'], equals } });

describe('parsePathExpression', () => {
  it.each<[text: string, steps: PathStep[]]>([
    ['.spec.replicas', [field('spec'), field('replicas')]],
    [' .spec.replicas? ', [field('spec'), field('replicas')]],
    ['.metadata.annotations["x.y/z"]', [field('metadata'), field('annotations'), field('x.y/z')]],
    ['.data["a\\"b"]', [field('data'), field('a"b')]],
    ['.a[0].b', [field('a'), { step: 'item', index: 0 }, field('b')]],
    ['.webhooks[]?.clientConfig.caBundle', [field('webhooks'), each, field('clientConfig'), field('caBundle')]],
    ['.a[] | .b', [field('a'), each, field('b')]],
    ['.c[] | select(.name == "x") | .image', [field('c'), named('x'), field('image')]],
    ['.c[]|select(.name=="x")', [field('c'), named('x')]],
    ['.c[] | select(.name == "x").image', [field('c'), named('x'), field('image')]],
  ])('reads %s', (text, steps) => {
    expect(parsePathExpression(text)).toEqual({ ok: true, steps });
  });

  it.each<[text: string, character: number]>([
    ['', 1],
    ['.', 1],
    ['spec', 1],
    ['["spec"]', 1],
    ['.spec | keys', 6],
    ['.spec..x', 6],
    ['.a["x]', 3],
    ['.a["\\q"]', 9],
    ['.a[-1]', 3],
    ['.a | select(.name == "x")', 3],
    ['.a[] | select(.n > 1)', 5],
    ['.a |', 3],
  ])('refuses %s and says where', (text, character) => {
    const parsed = parsePathExpression(text);
    expect(parsed).toMatchObject({ ok: false });
    expect(!parsed.ok && parsed.problem).toContain(`not understood from character ${character} on; use a path such as`);
  });

  it('refuses more steps than any type has', () => {
    expect(parsePathExpression('.a'.repeat(32)).ok).toBe(true);
    expect(parsePathExpression('.a'.repeat(33))).toMatchObject({ ok: false });
  });
});

describe('parsePointerPath', () => {
  it('reads tokens with their escapes', () => {
    expect(parsePointerPath('/a/x~1y~0/0')).toEqual({ ok: true, steps: [field('a'), field('x/y~'), field('0')] });
  });
  it.each(['spec', '/a~', '/a~2', '/a'.repeat(33)])('refuses %s', (pointer) => {
    expect(parsePointerPath(pointer)).toMatchObject({ ok: false });
  });
});
