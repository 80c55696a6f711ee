import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { dropBadStatus, specProblem } from './stored-object.ts';

it.each(readdirSync('crds/samples'))('the sample %s can be read', (file) => {
  expect(specProblem(parse(readFileSync(`crds/samples/${file}`, 'utf8')))).toBeUndefined();
});

it('objects of other kinds are no concern', () => {
  const object = { kind: 'ReplicaSet', metadata: {}, spec: 5, status: 'x' };
  dropBadStatus(object);
  expect(object.status).toBe('x');
  expect(specProblem(object)).toBeUndefined();
});

it('a spec of the wrong type is named with its path', () => {
  expect(specProblem({ kind: 'Rollout', metadata: {}, spec: { selector: 7, template: {}, strategy: {} } })).toBe(
    'spec.selector: is an integer, must be an object: correct it',
  );
});

it('a status loses what makes no sense, in place, and keeps the rest', () => {
  const good = { type: 'Ready', status: 'True', reason: 'R', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' };
  const object = {
    kind: 'ModelRegistry',
    metadata: {},
    status: { serverVersion: {}, conditions: [null, good, { type: 'Half' }] } as unknown,
  };
  dropBadStatus(object);
  expect(object.status).toEqual({ conditions: [good] });
  const text = { kind: 'Rollout', metadata: {}, status: 'text' };
  dropBadStatus(text);
  expect(text).toEqual({ kind: 'Rollout', metadata: {} });
});
