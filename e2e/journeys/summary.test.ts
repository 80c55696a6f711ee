import { describe, expect, it } from 'vitest';
import { servedByPhase, summarize } from './summary.ts';
import type { Answer } from './traffic.ts';

function answer(sentAt: number, phase: string, version: string | undefined, status?: number): Answer {
  return {
    sentAt,
    answeredAt: sentAt + 5,
    phase,
    ...(version === undefined ? {} : { version }),
    ...(status === undefined ? {} : { status }),
  };
}

describe('servedByPhase', () => {
  it('counts who answered in each phase, in the order of the phases, and whose answers were failures', () => {
    const answers = [
      answer(30, 'canary of 3', '3', 500),
      answer(10, '2 serves', '2', 200),
      answer(20, 'canary of 3', '2', 200),
      answer(40, 'canary of 3', '3', 200),
      answer(50, 'canary of 3', undefined),
    ];
    expect(servedByPhase(answers)).toEqual([
      ['2 serves', '1', 'version 2: 1', '0'],
      ['canary of 3', '4', 'no version: 1, version 2: 1, version 3: 2', 'no version: 1, version 3: 1'],
    ]);
  });
});

describe('summarize', () => {
  it('lists the facts that do not hold', () => {
    const text = summarize({
      facts: [
        { journey: '1 merge', name: 'the alias', holds: true, seen: '1' },
        { journey: '2 abort', name: 'the phase', holds: false, seen: 'Healthy, expected Degraded' },
      ],
      answers: [],
      timings: [{ what: 'merge to applied', ms: 1234 }],
      exhibits: [],
      cost: undefined,
    });
    expect(text).toContain('1 of 2 facts hold\n✖ 2 abort: the phase: Healthy, expected Degraded');
    expect(text).toContain('merge to applied  1.23');
  });
});
