import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { application, SETTLED } from '../../test/applications.ts';
import type { Application, ApplicationStatus } from '../api/generated/application.ts';
import { decideDependencies, type Others } from './dependencies.ts';

const GOOD: ApplicationStatus = {
  ...SETTLED,
  health: { status: 'Healthy' },
  conditions: [{ type: 'Synced', status: 'True', reason: 'InSync', message: '', lastTransitionTime: 'x' }],
};

function named(name: string, dependsOn: string[] = [], status: ApplicationStatus = GOOD): Application {
  const app = application({ status });
  return {
    ...app,
    metadata: { ...app.metadata, name },
    spec: { ...app.spec, dependsOn: dependsOn.map((other) => ({ name: other })) },
  };
}

function among(applications: readonly Application[], behind: string[] = []): Others {
  const all = new Map(applications.map((app) => [`team/${app.metadata.name}`, app]));
  return { get: (key) => all.get(key), isBehind: (key) => behind.includes(key) };
}

const deleting = { ...named('b'), metadata: { ...named('b').metadata, deletionTimestamp: 'x' } };
const running = { ...GOOD, operationState: { phase: 'Running' as const, revision: 'x', startedAt: 'x' } };
const differing = { ...GOOD, sync: { status: 'OutOfSync' as const } };

describe('Applications that another depends on', () => {
  it.each<[string, Application[], string[], string | undefined]>([
    ['in order', [named('b'), named('c')], [], undefined],
    ['not there', [named('b')], [], 'spec.dependsOn names c, which does not exist here: create it or correct the name'],
    ['being deleted', [deleting, named('c')], [], 'waits for b: is being deleted'],
    [
      'never looked at',
      [{ ...named('b'), status: undefined } as never, named('c')],
      [],
      'waits for b: its spec was not acted on yet',
    ],
    [
      'with a new spec',
      [named('b', [], { ...GOOD, observedGeneration: 0 }), named('c')],
      [],
      'waits for b: its spec was not acted on yet',
    ],
    [
      'with a new commit',
      [named('b'), named('c')],
      ['team/b'],
      'waits for b: its newest revision was not looked at yet',
    ],
    ['that differ', [named('b', [], differing), named('c')], [], 'waits for b: is OutOfSync'],
    ['that are being synced', [named('b', [], running), named('c')], [], 'waits for b: is being synced'],
    [
      'that are not healthy',
      [
        named('b', [], { ...GOOD, health: { status: 'Degraded' } }),
        named('c', [], { ...GOOD, health: { status: 'Progressing' } }),
      ],
      [],
      'waits for b: is Degraded, c: is Progressing',
    ],
  ])('%s', (_, others, behind, message) => {
    const hold = decideDependencies(named('a', ['b', 'c']), among(others, behind));
    expect(hold?.message).toBe(message);
    expect(hold?.stops.byItself ?? false).toBe(false);
  });

  it('none at all', () => {
    expect(decideDependencies(named('a'), among([]))).toBeUndefined();
    expect(decideDependencies({ ...named('a'), spec: undefined } as never, among([]))).toBeUndefined();
  });

  it('in a circle: each member says so, and who only depends on it waits', () => {
    const all = [named('a', ['b']), named('b', ['c']), named('c', ['x', 'a']), named('x'), named('d', ['a'])];
    const say = (name: string): string | undefined =>
      decideDependencies(all.find((app) => app.metadata.name === name) as Application, among(all))?.message;
    expect(say('a')).toBe('spec.dependsOn goes in a circle, a -> b -> c -> a: remove one of these');
    expect(say('b')).toBe('spec.dependsOn goes in a circle, b -> c -> a -> b: remove one of these');
    expect(say('c')).toMatch(/circle, c -> a -> b -> c/);
    expect([say('d'), say('x')]).toEqual([undefined, undefined]);
    expect(decideDependencies(named('s', ['s']), among([named('s', ['s'])]))?.message).toBe(
      'spec.dependsOn names s itself: remove that',
    );
  });

  it('says circle exactly where there is a way back', () => {
    const edges = fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 14 });
    fc.assert(
      fc.property(edges, (pairs) => {
        const all = Array.from({ length: 8 }, (_, i) =>
          named(
            `${i}`,
            pairs.filter(([from]) => from === i).map(([, to]) => `${to}`),
          ),
        );
        // Warshall's closure, by brute force.
        const reach = Array.from({ length: 8 }, (_, i) =>
          Array.from({ length: 8 }, (__, j) => pairs.some(([f, t]) => f === i && t === j)),
        );
        for (let k = 0; k < 8; k++)
          for (let i = 0; i < 8; i++)
            for (let j = 0; j < 8; j++) if (reach[i]?.[k] && reach[k]?.[j]) (reach[i] as boolean[])[j] = true;
        all.forEach((app, i) => {
          const said = decideDependencies(app, among(all))?.message.match(/circle|itself/) ?? null;
          expect(said !== null).toBe(reach[i]?.[i]);
        });
      }),
    );
  });
});
