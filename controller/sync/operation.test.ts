import { expect, it } from 'vitest';
import { application, idNamed, NOW, REVISION } from '../../test/applications.ts';
import { nextOperation, type PassOutcome, startedOperation } from './operation.ts';

it('a sync in which pruning was held goes on when an object was deleted by hand during its pass', () => {
  const operation = startedOperation(application(), REVISION, NOW);
  const pass: PassOutcome = {
    mode: 'start',
    revision: REVISION,
    objects: [{ id: idNamed('a'), verdict: { state: 'differs', message: 'is not in the cluster' } }],
    prune: { type: 'held' },
    pruneFailures: [],
    attempts: 1,
    pruned: 0,
  };
  expect(nextOperation(operation, pass, NOW)).toMatchObject({ phase: 'Running' });
  expect(nextOperation(operation, { ...pass, prune: { type: 'nothing' } }, NOW)).toMatchObject({ phase: 'Succeeded' });
});
