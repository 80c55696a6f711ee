import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../controller/kube/types.ts';
import { explainHealth } from '../controller/sync/health/assess.ts';
import type { HealthStatus } from '../controller/sync/health/health.ts';

/** One golden object: what is special about it, its health, the clause that decides (`-` for none), and a part of the message. */
export type Row = [what: string, object: KubeObject, status: HealthStatus, clause: string, message: string];

/** Rules of docs/reference/health.md with their health, in order. */
export const DOCUMENTED: ReadonlyMap<string, string> = new Map(
  [...readFileSync('docs/reference/health.md', 'utf8').matchAll(/^\| `([a-z:-]+)` \| ([\w ]+) \| .+ \|$/gm)].map(
    ([, rule = '', health = '']) => [rule, health],
  ),
);

/**
 * Judges golden objects by one rule, and compares the outcome with the reference page: each clause that decided stands there
 * with that health, and each clause that stands there decided for some object.
 */
export function healthTable(rule: string, rows: readonly Row[]): void {
  const named = (clause: string): string => (clause === '-' ? rule : `${rule}:${clause}`);
  describe(rule, () => {
    it.each(rows)('%s', (_, object, status, clause, message) => {
      const verdict = explainHealth(object);
      expect(verdict).toMatchObject({ status, rule: named(clause) });
      expect(verdict.message).toContain(message);
      expect(['as it says', status]).toContain(DOCUMENTED.get(verdict.rule));
    });

    it('has a golden object for each documented clause', () => {
      const documented = [...DOCUMENTED.keys()].filter((name) => name === rule || name.startsWith(`${rule}:`));
      const decided = new Set(rows.map(([, , , clause]) => named(clause)));
      expect(documented.filter((name) => !decided.has(name))).toEqual([]);
    });

    it('says something of any status, however odd', () => {
      for (const [, { apiVersion, kind, metadata }] of rows.slice(0, 1)) {
        for (const status of [
          undefined,
          null,
          'fine',
          7,
          [],
          {},
          { conditions: 'none' },
          { conditions: [null, 3, {}] },
        ]) {
          const odd = { apiVersion, kind, metadata, ...(status !== undefined && { status }) };
          expect(explainHealth(odd).message).toMatch(/^\S[^\n]*$/);
        }
      }
    });
  });
}

/** An object of generation 2. */
export function golden(
  apiVersion: string,
  kind: string,
  parts: { metadata?: object; spec?: object; status?: object } = {},
): KubeObject {
  const { metadata, spec, status } = parts;
  return {
    apiVersion,
    kind,
    metadata: { name: 'x', namespace: 'team', generation: 2, ...metadata },
    ...(spec && { spec }),
    ...(status && { status }),
  };
}

/** A condition, with the generation that it speaks of where that is given. */
export function condition(type: string, status: string, reason = '', message = '', generation?: number): object {
  return { type, status, reason, message, ...(generation !== undefined && { observedGeneration: generation }) };
}
