import { describe, expect, it } from 'vitest';
import type { ApplicationStatus } from '../api/generated/application.ts';
import { eventsBetween } from './transitions.ts';

const REVISION = '0123456789abcdef0123456789abcdef01234567';
type Operation = NonNullable<ApplicationStatus['operationState']>;
type Conditions = NonNullable<ApplicationStatus['conditions']>;

const condition = (
  type: string,
  status: 'True' | 'False' | 'Unknown',
  reason: string,
  message: string,
): Conditions[number] => ({
  type,
  status,
  reason,
  message,
  lastTransitionTime: 'x',
});
const operation = (changes: Partial<Operation> = {}): ApplicationStatus => ({
  operationState: { phase: 'Running', revision: REVISION, startedAt: '1', ...changes },
});
const source = (status: 'True' | 'False', reason: string, message: string): ApplicationStatus => ({
  conditions: [condition('SourceReady', status, reason, message)],
});
const synced = (status: 'True' | 'False', reason: string, message: string): ApplicationStatus => ({
  conditions: [condition('Synced', status, reason, message)],
});
const health = (status: 'Healthy' | 'Progressing' | 'Degraded', message?: string): ApplicationStatus => ({
  health: { status, ...(message !== undefined && { message }) },
});
const automation = (state: 'Active' | 'Suspended', message?: string): ApplicationStatus => ({
  automation: { state, since: 'x', ...(message !== undefined && { message }) },
});
const told = (old: ApplicationStatus | undefined, next: ApplicationStatus): string[] =>
  eventsBetween(old, next).map(({ type, reason, message }) => `${type} ${reason}: ${message}`);

describe('events', () => {
  it.each<[string, ApplicationStatus | undefined, ApplicationStatus, string[]]>([
    ['the first status says nothing of automation', undefined, automation('Suspended'), []],
    [
      'it is suspended',
      automation('Active'),
      automation('Suspended', 'INC-42'),
      ['Normal AutomationChanged: automation is Suspended, was Active: INC-42'],
    ],
    ['another reason', automation('Suspended', 'INC-42'), automation('Suspended', 'INC-43'), []],
    [
      'it is resumed',
      automation('Suspended', 'INC-42'),
      automation('Active'),
      ['Normal AutomationChanged: automation is Active, was Suspended'],
    ],
    ['a sync starts', undefined, operation(), ['Normal OperationStarted: syncing to 0123456']],
    [
      'a sync is over before anybody was told of it',
      undefined,
      operation({ phase: 'Succeeded', message: '2 objects applied' }),
      ['Normal OperationSucceeded: synced to 0123456: 2 objects applied'],
    ],
    [
      'it succeeds',
      operation(),
      operation({ phase: 'Succeeded', message: '2 objects applied' }),
      ['Normal OperationSucceeded: synced to 0123456: 2 objects applied'],
    ],
    [
      'it fails',
      operation(),
      operation({ phase: 'Failed', message: 'no' }),
      ['Warning OperationFailed: sync to 0123456 failed: no'],
    ],
    [
      'a retry fails in the same way',
      operation({ phase: 'Failed', message: 'no' }),
      operation({ phase: 'Failed', message: 'no', retryCount: 1 }),
      [],
    ],
    [
      'a retry fails in another way',
      operation({ phase: 'Failed', message: 'no' }),
      operation({ phase: 'Failed', message: 'nope' }),
      ['Warning OperationFailed: sync to 0123456 failed: nope'],
    ],
    [
      'the source fails',
      source('True', 'Fetched', 'x'),
      source('False', 'GitUnreachable', 'no answer'),
      ['Warning GitUnreachable: no answer'],
    ],
    [
      'it fails from the start',
      undefined,
      source('False', 'GitAuthFailed', 'refused'),
      ['Warning GitAuthFailed: refused'],
    ],
    [
      'it fails in another place',
      source('False', 'ManifestInvalid', 'a:1'),
      source('False', 'ManifestInvalid', 'b:1'),
      ['Warning ManifestInvalid: b:1'],
    ],
    [
      'it recovers',
      source('False', 'GitUnreachable', 'x'),
      source('True', 'Fetched', 'main is at 1'),
      ['Normal Fetched: main is at 1'],
    ],
    [
      'a new commit is fetched',
      source('True', 'Fetched', 'main is at 1'),
      source('True', 'Fetched', 'main is at 2'),
      [],
    ],
    ['drift', synced('True', 'InSync', 'x'), synced('False', 'OutOfSync', 'differs'), ['Normal OutOfSync: differs']],
    ['drift that stays', synced('False', 'OutOfSync', 'differs'), synced('False', 'OutOfSync', 'differs'), []],
    [
      'an object breaks',
      health('Healthy'),
      health('Degraded', 'Rollout x: aborted'),
      ['Warning Degraded: Rollout x: aborted'],
    ],
    ['a change is under way', health('Healthy'), health('Progressing', 'x'), []],
    ['all is well again', health('Degraded'), health('Healthy'), ['Normal Healthy: all objects are healthy']],
    [
      'nothing happens',
      { ...operation({ phase: 'Succeeded' }), ...health('Healthy') },
      { ...operation({ phase: 'Succeeded' }), ...health('Healthy') },
      [],
    ],
  ])('%s', (_, old, next, events) => {
    expect(told(old, next)).toEqual(events);
  });

  it('an object that another Application wants is told once', () => {
    const shared: ApplicationStatus = {
      resources: [
        {
          version: 'v1',
          kind: 'Service',
          namespace: 'team',
          name: 'web',
          status: 'Synced',
          message: 'also in the Git path of Application team/b',
        },
      ],
    };
    expect(told({}, shared)).toEqual([
      'Warning SharedObject: Service team/web is also in the Git path of Application team/b',
    ]);
    expect(told(shared, shared)).toEqual([]);
  });
});

describe('what somebody asked for', () => {
  const operation = { initiatedBy: { username: 'ana' }, rollback: { id: 3 } };
  const taken = { phase: 'Running' as const, revision: 'a'.repeat(40), startedAt: 'x', operation };
  const begun = { ...taken, specHash: 'h' };
  const said = (old: object, next: object): string[] =>
    eventsBetween({ operationState: old as never }, { operationState: next as never }).map(({ message }) => message);

  it('is told when it begins and when it ends, with who asked', () => {
    expect(said({ phase: 'Succeeded', revision: 'a', startedAt: 'w' }, taken)).toEqual([]);
    const who = 'asked for by ana, rollback to id 3: ';
    expect(said(taken, begun)).toEqual([`${who}syncing to aaaaaaa`]);
    const done = { ...begun, phase: 'Succeeded', message: '1 object applied' };
    expect([said(taken, done), said(begun, done)]).toEqual([
      [`${who}synced to aaaaaaa: 1 object applied`],
      [`${who}synced to aaaaaaa: 1 object applied`],
    ]);
    expect(said(taken, { ...taken, phase: 'Failed', message: 'no' })).toEqual([`${who}sync to aaaaaaa failed: no`]);
  });
});
