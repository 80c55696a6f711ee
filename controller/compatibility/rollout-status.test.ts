import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stepsHash } from '../rollout/steps.ts';
import { argoStatus, ownStatus, STATE_CONDITION } from './rollout-status.ts';
import { argoStepHash } from './step-hash.ts';

const STEPS = [{ setWeight: 10 }, { pause: {} }];
const AT = '2026-03-01T10:00:00Z';
const condition = (type: string, more: object = {}) => ({
  type,
  status: 'True',
  reason: 'Because',
  message: 'so it is',
  lastTransitionTime: AT,
  ...more,
});

describe('the status of a Rollout in the published schema', () => {
  const own = {
    observedGeneration: 7,
    workloadObservedGeneration: 2,
    phase: 'Paused',
    step: '1/2',
    retries: 2,
    abortMessage: 'Rollout aborted by request',
    currentPodHash: 'new',
    currentStepHash: stepsHash(STEPS),
    currentStepIndex: 1,
    blueGreen: { activeSelector: 'old', served: ['old', 'older'], fastTracked: true, updatedAvailableReplicas: 1 },
    conditions: [
      condition('Progressing', { observedGeneration: 7, lastUpdateTime: '2026-03-01T09:00:00Z' }),
      condition('Paused', { observedGeneration: 6 }),
      condition('OfSomebodyElse'),
    ],
  };

  it('has generations as text, a time in every condition, and the hash of the steps as Argo Rollouts makes it', () => {
    const argo = argoStatus(own, STEPS);
    expect(argo).toMatchObject({
      observedGeneration: '7',
      workloadObservedGeneration: '2',
      currentStepHash: argoStepHash(STEPS),
      blueGreen: { activeSelector: 'old' },
      conditions: [
        { type: 'Progressing', lastUpdateTime: '2026-03-01T09:00:00Z' },
        { type: 'Paused', lastUpdateTime: AT },
        { type: 'OfSomebodyElse', lastUpdateTime: AT },
        { type: STATE_CONDITION },
      ],
    });
    for (const field of ['step', 'retries', 'abortMessage']) expect(argo).not.toHaveProperty(field);
    expect(argo['blueGreen']).toEqual({ activeSelector: 'old' });
    for (const one of argo['conditions'] as object[]) expect(one).not.toHaveProperty('observedGeneration');
  });

  it('is read back without a loss', () => {
    expect(ownStatus(argoStatus(own, STEPS), STEPS)).toEqual(own);
    fc.assert(
      fc.property(status(), (any) => {
        expect(ownStatus(argoStatus(any, STEPS), STEPS)).toEqual(any);
      }),
    );
  });

  it('keeps a hash of other steps, which is how it shows that the steps have changed', () => {
    const other = argoStatus(own, STEPS);
    const read = ownStatus(other, [...STEPS, { setWeight: 50 }]);
    expect(read['currentStepHash']).toBe(argoStepHash(STEPS));
  });

  it('of Argo Rollouts itself is read as a status without our state, its runs counted by their names', () => {
    const read = ownStatus(
      {
        observedGeneration: '3',
        currentPodHash: 'new',
        currentStepHash: argoStepHash(STEPS),
        canary: { currentStepAnalysisRunStatus: { name: 'fraud-new-2-1.3', status: 'Running' } },
        conditions: [condition('Progressing', { lastUpdateTime: AT }), condition('Available', { lastUpdateTime: AT })],
      },
      STEPS,
    );
    expect(read).toEqual({
      observedGeneration: 3,
      currentPodHash: 'new',
      currentStepHash: stepsHash(STEPS),
      retries: 3,
      canary: { currentStepAnalysisRunStatus: { name: 'fraud-new-2-1.3', status: 'Running' } },
      // The deadline goes on from where it was.
      conditions: [condition('Progressing', { lastUpdateTime: AT }), condition('Available')],
    });
  });

  it('does not believe a state that was written for another version', () => {
    const argo = argoStatus(own, STEPS);
    expect(ownStatus({ ...argo, currentPodHash: 'newer' }, STEPS)).not.toHaveProperty('retries');
    const broken = condition(STATE_CONDITION, { message: '{' });
    expect(ownStatus({ currentPodHash: 'new', conditions: [broken] }, STEPS)).toEqual({
      currentPodHash: 'new',
      conditions: [],
    });
  });
});

function status() {
  const text = fc.string({ minLength: 1, maxLength: 4 });
  const generation = fc.option(fc.nat(), { nil: undefined });
  const one = fc.record(
    { type: text, lastTransitionTime: fc.constant(AT), observedGeneration: fc.nat(3), lastUpdateTime: fc.constant(AT) },
    { requiredKeys: ['type', 'lastTransitionTime'] },
  );
  return fc
    .record({
      observedGeneration: generation,
      step: fc.option(text, { nil: undefined }),
      retries: generation,
      currentPodHash: fc.option(text, { nil: undefined }),
      currentStepHash: fc.constantFrom(undefined, stepsHash(STEPS), 'other'),
      conditions: fc.uniqueArray(one, { selector: ({ type }) => type }),
    })
    .map((value) => JSON.parse(JSON.stringify(value)) as Record<string, unknown>)
    .filter((value) => !JSON.stringify(value).includes(STATE_CONDITION));
}
