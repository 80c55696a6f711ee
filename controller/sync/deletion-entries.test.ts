import { expect, it } from 'vitest';
import { deletionEntries } from './deletion-entries.ts';
import type { HookRecord } from './hooks.ts';

const hook = (name: string, syncPhase: HookRecord['syncPhase'] = 'PreSync'): HookRecord => ({
  group: 'batch',
  version: 'v1',
  kind: 'Job',
  namespace: 'team',
  name,
  syncPhase,
  hookPhase: 'Running',
  message: 'runs',
});
const entry = { version: 'v1', kind: 'ConfigMap', namespace: 'team', name: 'a' };
const job = { group: 'batch', version: 'v1', kind: 'Job', namespace: 'team' };

it('with an Application go its objects and the hooks of its last sync, each once', () => {
  const operationState = {
    phase: 'Running' as const,
    revision: 'x',
    startedAt: 'x',
    hooks: [hook('m'), hook('m', 'PostSync')],
  };
  const entries = deletionEntries({ resources: [entry, { ...job, name: 'kept' }], operationState }, [
    hook('kept'),
    hook('late'),
  ]);
  expect(entries).toEqual([
    { entry, hook: false },
    { entry: { ...job, name: 'kept' }, hook: false },
    { entry: { ...job, name: 'm' }, hook: true },
    { entry: { ...job, name: 'late' }, hook: true },
  ]);
  expect(deletionEntries(undefined, [])).toEqual([]);
});
