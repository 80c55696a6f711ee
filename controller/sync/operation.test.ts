import { describe, expect, it } from 'vitest';
import { application, idNamed, NOW, REVISION, SETTLED } from '../../test/applications.ts';
import { nextOperation, type PassOutcome, startedOperation } from './operation.ts';
import { retryPolicy } from './retry.ts';

const POLICY = retryPolicy(application());

it('a sync in which pruning was held goes on when an object was deleted by hand during its pass', () => {
  const operation = startedOperation(application(), REVISION, { type: 'off' }, NOW);
  const pass: PassOutcome = {
    mode: 'start',
    retry: true,
    revision: REVISION,
    objects: [{ id: idNamed('a'), verdict: { state: 'differs', message: 'is not in the cluster' } }],
    prune: { type: 'held' },
    pruneFailures: [],
    unconfirmed: [],
    attempts: 1,
    pruned: 0,
  };
  expect(nextOperation(operation, pass, POLICY, NOW)).toMatchObject({ phase: 'Running' });
  expect(nextOperation(operation, { ...pass, prune: { type: 'nothing' } }, POLICY, NOW)).toMatchObject({
    phase: 'Succeeded',
  });
});

describe('why a sync starts', () => {
  it.each([
    ['the first', application(), 'NewRevision'],
    [
      'a commit',
      application({ status: { operationState: { phase: 'Succeeded', startedAt: 'x', revision: 'older' } } }),
      'NewRevision',
    ],
    ['another spec', application({ path: 'b', status: SETTLED }), 'SpecChanged'],
  ])('%s: %s', (_, app, trigger) => {
    expect(startedOperation(app, REVISION, { type: 'off' }, NOW)).toMatchObject({
      trigger,
      initiatedBy: { automated: true },
    });
  });

  it('drift', () => {
    const app = application({ status: SETTLED });
    expect(startedOperation(app, REVISION, { type: 'now', attempt: 1 }, NOW).trigger).toBe('SelfHeal');
  });

  it('is kept until the next', () => {
    const operation = startedOperation(application(), REVISION, { type: 'off' }, NOW);
    const pass: PassOutcome = {
      mode: 'start',
      retry: true,
      revision: REVISION,
      objects: [],
      prune: { type: 'nothing' },
      pruneFailures: [],
      unconfirmed: [],
      attempts: 0,
      pruned: 0,
    };
    expect(nextOperation(operation, pass, POLICY, NOW)).toMatchObject({ phase: 'Succeeded', trigger: 'NewRevision' });
  });
});
