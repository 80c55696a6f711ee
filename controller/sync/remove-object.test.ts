import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { application, CONFIG_MAP, idNamed, liveObject, NOW } from '../../test/applications.ts';
import { TRACKING_ANNOTATION } from '../api/names.ts';
import { errorFromAnswer } from '../kube/errors.ts';
import type { DeleteOptions, KubeClient, KubeObject } from '../kube/types.ts';
import { formatObjectId } from '../manifest/identity.ts';
import { ManualClock } from '../platform/manual-clock.ts';
import { seededRandom } from '../platform/random.ts';
import type { DeletionPolicy } from './deletion.ts';
import { removeObject } from './remove-object.ts';

const id = idNamed('settings');
const subject = { verb: 'delete', resource: 'configmaps', key: 'team/settings' };
const answer = (status: number): Error => errorFromAnswer(subject, status, '');

/** An API server with one object (or none), which notes what is written; `conflicts` writes fail before one goes through. */
function server(object: KubeObject | undefined, conflicts = 0) {
  const writes: { verb: 'delete' | 'patch'; options: unknown }[] = [];
  let live = object;
  let left = conflicts;
  const write = (verb: 'delete' | 'patch', options: unknown): void => {
    if (left-- > 0) throw answer(409);
    writes.push({ verb, options });
  };
  const client = {
    get: async () => {
      if (live === undefined) throw answer(404);
      return live;
    },
    delete: async (_resource: unknown, _key: unknown, options: DeleteOptions) => {
      write('delete', options);
      live = undefined;
    },
    patch: async (_resource: unknown, _key: unknown, _type: unknown, body: unknown) => {
      write('patch', body);
      return live;
    },
  } as unknown as KubeClient;
  return { writes, client };
}

async function remove(
  object: KubeObject | undefined,
  policy: DeletionPolicy,
  { claimed = false, conflicts = 0 }: { claimed?: boolean; conflicts?: number } = {},
) {
  const { writes, client } = server(object, conflicts);
  const deps = {
    client,
    clock: new ManualClock(NOW),
    random: seededRandom(1),
    application: 'team/app',
    wants: () => false,
    signal: new AbortController().signal,
  };
  const removal = await removeObject(deps, { id, key: formatObjectId(id) }, CONFIG_MAP, {
    application: application(),
    policy,
    claimed,
  });
  return { removal, writes };
}

describe('removing one object of an Application that is deleted', () => {
  it.each([
    ['foreground', 'Foreground'],
    ['background', 'Background'],
  ] as const)('%s: this very object, and the API server says that it is gone', async (policy, propagationPolicy) => {
    const { removal, writes } = await remove(liveObject(id), policy);
    expect(removal).toEqual({ state: 'gone' });
    const precondition = { uid: 'uid-settings', resourceVersion: '5' };
    expect(writes).toMatchObject([{ verb: 'delete', options: { propagationPolicy, ...precondition } }]);
  });

  it('orphan: only our mark goes, with the version that was read', async () => {
    const { removal, writes } = await remove(liveObject(id), 'orphan');
    expect(removal).toEqual({ state: 'released' });
    const metadata = { uid: 'uid-settings', resourceVersion: '5', annotations: { [TRACKING_ANNOTATION]: null } };
    expect(writes).toEqual([{ verb: 'patch', options: { metadata } }]);
  });

  it('is not deleted again while it goes', async () => {
    const object = liveObject(id);
    object.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
    const { removal, writes } = await remove(object, 'foreground');
    expect(removal).toEqual({ state: 'there', object });
    expect(writes).toEqual([]);
  });

  it('what another Application has in Git stays', async () => {
    const { removal, writes } = await remove(liveObject(id), 'foreground', { claimed: true });
    expect(removal).toEqual({ state: 'released' });
    expect(writes).toEqual([]);
  });

  it.each([false, true])('what says Delete=false stays, also when it is going already (%s)', async (terminating) => {
    const object = liveObject(id);
    object.metadata.annotations = { ...object.metadata.annotations, 'slipway.dev/sync-options': 'Delete=false' };
    if (terminating) object.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
    const { removal, writes } = await remove(object, 'foreground');
    expect(removal).toEqual({ state: 'released', why: 'its sync option is Delete=false' });
    expect(writes).toEqual([]);
  });

  it('what says Delete=confirm waits for that', async () => {
    const object = liveObject(id);
    object.metadata.annotations = {
      ...object.metadata.annotations,
      'argocd.argoproj.io/sync-options': 'Delete=confirm',
    };
    const { removal, writes } = await remove(object, 'background');
    expect(removal).toMatchObject({
      state: 'there',
      awaits: expect.stringContaining('slipway.dev/deletion-approved='),
    });
    expect(writes).toEqual([]);
  });

  it.each<DeletionPolicy>(['background', 'orphan'])('%s: a lost race is run again, not for ever', async (policy) => {
    expect((await remove(liveObject(id), policy, { conflicts: 4 })).removal.state).not.toBe('failed');
    expect((await remove(liveObject(id), policy, { conflicts: 99 })).removal.state).toBe('failed');
  });

  it('whoever owns the object: only ours is touched, and orphan never deletes', async () => {
    const owners = fc.constantFrom(null, { namespace: 'team', name: 'app' }, { namespace: 'team', name: 'other' });
    const ids = fc.constantFrom(id, { ...id, name: 'copied' }, { ...id, namespace: '' });
    const policies = fc.constantFrom<DeletionPolicy>('foreground', 'background', 'orphan');
    await fc.assert(
      fc.asyncProperty(owners, ids, policies, fc.boolean(), async (owner, tracked, policy, claimed) => {
        const object = liveObject(id);
        object.metadata.annotations = liveObject(tracked, owner).metadata.annotations ?? {};
        const { writes } = await remove(object, policy, { claimed });
        const ours = owner?.name === 'app' && tracked === id;
        const verb = policy === 'orphan' ? 'patch' : 'delete';
        const touched = ours && (policy === 'orphan' || !claimed);
        expect(writes.map((write) => write.verb)).toEqual(touched ? [verb] : []);
      }),
    );
  });
});
