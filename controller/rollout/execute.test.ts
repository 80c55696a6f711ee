import { describe, expect, it } from 'vitest';
import type { Rollout } from '../api/generated/rollout.ts';
import { MANAGED_BY_ANNOTATION, POD_TEMPLATE_HASH_LABEL } from '../api/names.ts';
import { KubeError } from '../kube/errors.ts';
import type { KubeClient, KubeObject } from '../kube/types.ts';
import type { Command } from './decision.ts';
import { type ExecuteOptions, execute, type Outcome, type Write } from './execute.ts';
import type { ReplicaSet } from './snapshot.ts';

const rollout = {
  apiVersion: 'slipway.dev/v1alpha1',
  kind: 'Rollout',
  metadata: { name: 'fraud', namespace: 'ml', uid: 'rollout-uid', resourceVersion: '7' },
  spec: {},
} as unknown as Rollout;

const replicaSet: ReplicaSet = {
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name: 'fraud-abc', namespace: 'ml' },
  spec: { replicas: 0, selector: {}, template: {} },
};

type Call = { method: string; args: unknown[] };
type Answer = (call: Call) => KubeObject | undefined;

const status = (code: number, reason: string): KubeError =>
  new KubeError(`Kube${reason}`, `${reason} said the test`, { status: code, reason, retryable: code >= 500 });
const notFound = status(404, 'NotFound');
const conflict = status(409, 'Conflict');
const alreadyExists = status(409, 'AlreadyExists');

/** Runs the commands against an API server that answers as told, and records what it was asked. */
async function run(
  commands: Command[],
  answer: Answer = () => undefined,
  options: Partial<ExecuteOptions> = {},
): Promise<{ outcome: Outcome; calls: Call[]; writes: Write[] }> {
  const calls: Call[] = [];
  const writes: Write[] = [];
  const on =
    (method: string) =>
    async (...args: unknown[]): Promise<KubeObject> => {
      calls.push({ method, args });
      return answer({ method, args }) ?? { ...rollout, metadata: { ...rollout.metadata, resourceVersion: '8' } };
    };
  const client = { get: on('get'), create: on('create'), patch: on('patch'), delete: on('delete') };
  const outcome = await execute(rollout, commands, {
    client: client as unknown as KubeClient,
    setWeights: async () => undefined,
    onWrite: (write) => writes.push(write),
    ...options,
  });
  return { outcome, calls, writes };
}

const fail = (error: unknown, method?: string): Answer => {
  return (call) => {
    if (method === undefined || call.method === method) throw error;
    return undefined;
  };
};

const scale: Command = {
  type: 'updateReplicaSet',
  name: 'fraud-abc',
  resourceVersion: '41',
  replicas: 3,
  annotations: { 'slipway.dev/revision': '3', 'slipway.dev/scale-down-deadline': null },
  why: 'test',
};

describe('executing commands', () => {
  it('stops at the first that fails, because a later one may rely on it', async () => {
    const error = status(500, 'InternalError');
    const first: Command = { type: 'createReplicaSet', replicaSet };
    const { outcome, calls } = await run([first, scale], fail(error));
    expect(outcome).toEqual({ outcome: 'failed', command: first, error });
    expect(calls).toHaveLength(1);
  });

  it('starts nothing once this process must not write any more', async () => {
    const { outcome, calls } = await run([scale], undefined, { signal: AbortSignal.abort(new Error('lease lost')) });
    expect(outcome).toMatchObject({ outcome: 'failed', error: new Error('lease lost') });
    expect(calls).toEqual([]);
  });

  it.each([
    ['a conflict', conflict],
    ['an object that is gone', notFound],
  ])('asks to look again after %s', async (_, error) => {
    expect((await run([scale], fail(error))).outcome).toEqual({ outcome: 'stale', command: scale });
  });

  it('scales with the version that was read as precondition, and removes annotations', async () => {
    const { calls } = await run([scale]);
    expect(calls[0]?.args.slice(1, 4)).toEqual([
      'ml/fraud-abc',
      'application/merge-patch+json',
      {
        metadata: {
          resourceVersion: '41',
          annotations: { 'slipway.dev/revision': '3', 'slipway.dev/scale-down-deadline': null },
        },
        spec: { replicas: 3 },
      },
    ]);
  });

  it('changes only the hash in a selector, on the version that was read', async () => {
    const switchTo = (hash: string | null): Command => ({
      type: 'setServiceSelector',
      service: 'fraud-canary',
      resourceVersion: '5',
      hash,
    });
    const { calls } = await run([switchTo('abc'), switchTo(null)]);
    expect(calls.map((call) => call.args[3])).toEqual([
      {
        metadata: { resourceVersion: '5', annotations: { [MANAGED_BY_ANNOTATION]: 'fraud' } },
        spec: { selector: { [POD_TEMPLATE_HASH_LABEL]: 'abc' } },
      },
      {
        metadata: { resourceVersion: '5', annotations: { [MANAGED_BY_ANNOTATION]: null } },
        spec: { selector: { [POD_TEMPLATE_HASH_LABEL]: null } },
      },
    ]);
  });

  it('takes an object that a run before it has made', async () => {
    const ours = {
      ...replicaSet,
      metadata: {
        ...replicaSet.metadata,
        ownerReferences: [{ apiVersion: 'x', kind: 'Rollout', name: 'fraud', uid: 'rollout-uid', controller: true }],
      },
    };
    const answer: Answer = ({ method }) => {
      if (method === 'create') throw alreadyExists;
      return ours;
    };
    const { outcome, writes } = await run([{ type: 'createReplicaSet', replicaSet }], answer);
    expect(outcome.outcome).toBe('done');
    expect(writes).toMatchObject([{ type: 'written', object: ours }]);
  });

  it('does not take an object of somebody else with the wanted name', async () => {
    const theirs = { ...replicaSet, metadata: { ...replicaSet.metadata, uid: 'other' } };
    const answer: Answer = ({ method }) => {
      if (method === 'create') throw alreadyExists;
      return theirs;
    };
    const { outcome } = await run([{ type: 'createReplicaSet', replicaSet }], answer);
    expect(outcome).toMatchObject({ outcome: 'nameTaken', by: theirs });
  });

  it('deletes only the very object, and is content when it is gone', async () => {
    const { outcome, calls, writes } = await run(
      [{ type: 'deleteReplicaSet', name: 'fraud-abc', uid: 'u1' }],
      fail(notFound),
    );
    expect(outcome.outcome).toBe('done');
    expect(calls[0]?.args.slice(1)).toMatchObject(['ml/fraud-abc', { uid: 'u1', propagationPolicy: 'Background' }]);
    expect(writes).toMatchObject([{ type: 'deleted', key: 'ml/fraud-abc', uid: 'u1' }]);
  });

  it('is content when the run to be stopped is gone', async () => {
    const { outcome } = await run([{ type: 'terminateAnalysisRun', name: 'fraud-abc-2-1' }], fail(notFound));
    expect(outcome.outcome).toBe('done');
  });

  it('hands on the Rollout as its own annotation left it, so that the status can be written on top', async () => {
    const { outcome, calls } = await run([{ type: 'annotateRollout', annotations: { 'slipway.dev/revision': '2' } }]);
    expect(calls[0]?.args[3]).toEqual({
      metadata: { resourceVersion: '7', annotations: { 'slipway.dev/revision': '2' } },
    });
    expect(outcome).toMatchObject({ outcome: 'done', rollout: { metadata: { resourceVersion: '8' } } });
  });

  it('reports a router that needs no write as done, and a lost race on it as stale', async () => {
    const weights: Command = { type: 'setWeights', route: 'fraud', canaryWeight: 20 };
    expect(await run([weights])).toMatchObject({ outcome: { outcome: 'done' }, writes: [] });
    const setWeights = async (): Promise<undefined> => Promise.reject(conflict);
    expect((await run([weights], undefined, { setWeights })).outcome).toEqual({ outcome: 'stale', command: weights });
  });
});

describe('labels of a pod', () => {
  const patch: Command = { type: 'patchPod', name: 'a', uid: 'uid-a', metadata: { labels: { role: null } } };

  it('are changed on the very pod that was seen', async () => {
    const { calls } = await run([patch]);
    expect(calls[0]?.args.slice(1, 4)).toEqual([
      'ml/a',
      'application/merge-patch+json',
      { metadata: { uid: 'uid-a', labels: { role: null } } },
    ]);
  });

  it('need no change when the pod is gone, or another has its name', async () => {
    for (const error of [notFound, conflict]) {
      expect((await run([patch], fail(error))).outcome).toMatchObject({ outcome: 'done' });
    }
  });
});

describe('evictions', () => {
  const evict = (name: string): Command => ({ type: 'evictPod', name, uid: `uid-${name}` });
  const budget = new KubeError('KubeTooManyRequests', 'Cannot evict pod: said the test', {
    status: 429,
    reason: 'TooManyRequests',
    retryable: true,
    causes: [{ reason: 'DisruptionBudget', message: 'needs 2 healthy pods', field: '' }],
  });

  it('name the very pod that was seen', async () => {
    const { calls, outcome } = await run([evict('a')]);
    expect(calls[0]).toMatchObject({
      method: 'create',
      args: [
        { kind: 'Pod' },
        {
          kind: 'Eviction',
          metadata: { name: 'a', namespace: 'ml' },
          deleteOptions: { preconditions: { uid: 'uid-a' } },
        },
        { subresource: 'eviction' },
      ],
    });
    expect(outcome).toMatchObject({ outcome: 'done' });
  });

  it('that a PodDisruptionBudget refuses are no failure, and no other is asked for', async () => {
    const { calls, outcome } = await run([evict('a'), evict('b')], fail(budget));
    expect(calls).toHaveLength(1);
    expect(outcome).toMatchObject({ outcome: 'done', refused: expect.stringContaining('said the test') });
  });

  it('of a pod that is gone are done, of another pod of that name stale', async () => {
    expect((await run([evict('a')], fail(notFound))).outcome).toMatchObject({ outcome: 'done' });
    expect((await run([evict('a')], fail(conflict))).outcome).toMatchObject({ outcome: 'stale' });
  });
});
