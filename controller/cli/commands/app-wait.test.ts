import { describe, expect, it } from 'vitest';
import { application, REVISION, SETTLED } from '../../../test/applications.ts';
import type { Application, ApplicationStatus } from '../../api/generated/application.ts';
import { standing } from './app-wait.ts';

const BOTH = { sync: true, health: true };

function condition(type: string, status: 'True' | 'False' | 'Unknown', message: string, observedGeneration = 1) {
  return { type, status, reason: 'Any', message, lastTransitionTime: '2026-01-01T00:00:00Z', observedGeneration };
}

const IN_SYNC = condition('Synced', 'True', '1 object in sync');
const OUT_OF_SYNC = condition('Synced', 'False', 'differs from 0123456');
const HEALTHY = condition('Healthy', 'True', 'all in order');
const STARTING = condition('Healthy', 'False', 'Deployment team/web: 0 of 1 pods are available');

function given(conditions: ReturnType<typeof condition>[], changes: Partial<ApplicationStatus> = {}): Application {
  const built = application({ status: { ...SETTLED, health: { status: 'Progressing' }, conditions, ...changes } });
  return { ...built, spec: { ...built.spec, suspend: false } };
}

describe('waiting for an Application', () => {
  it('is over when it is in sync and healthy', () => {
    expect(standing(given([IN_SYNC, HEALTHY]), BOTH)).toEqual({
      type: 'there',
      said: `application "app" is synced to ${REVISION.slice(0, 7)} and healthy`,
    });
  });

  it('does not take an answer about an older spec', () => {
    const changed = given([IN_SYNC, HEALTHY]);
    changed.metadata.generation = 2;
    expect(standing(changed, BOTH)).toEqual({ type: 'coming', said: expect.stringContaining('look at the spec') });
    expect(standing(changed, { sync: false, health: true }).type).toBe('coming');
  });

  it('waits for health only where that is asked for', () => {
    const starting = given([IN_SYNC, STARTING]);
    expect(standing(starting, { sync: true, health: false }).type).toBe('there');
    expect(standing(starting, BOTH)).toEqual({
      type: 'coming',
      said: 'app: Progressing: Deployment team/web: 0 of 1 pods are available',
    });
  });

  it('waits for sync only where that is asked for', () => {
    expect(standing(given([OUT_OF_SYNC, HEALTHY]), { sync: false, health: true })).toEqual({
      type: 'there',
      said: 'application "app" is healthy',
    });
  });

  it('goes on while it differs and will be synced', () => {
    expect(standing(given([OUT_OF_SYNC, HEALTHY]), BOTH)).toEqual({
      type: 'coming',
      said: 'app: differs from 0123456',
    });
  });

  it('gives up on what is suspended and differs, and says why it is', () => {
    const suspended = given([OUT_OF_SYNC, HEALTHY]);
    suspended.spec = { ...suspended.spec, suspend: true, suspendReason: 'incident 42' };
    expect(standing(suspended, BOTH)).toEqual({ type: 'hopeless', why: expect.stringContaining('incident 42') });
    expect(standing(suspended, { sync: false, health: true }).type).toBe('there');
  });

  it('says what holds a sync, and stays, since that may end', () => {
    const automation = {
      state: 'Held' as const,
      message: 'waits for db: is Progressing',
      since: '2026-01-01T00:00:00Z',
    };
    const held = given([OUT_OF_SYNC, HEALTHY], { automation });
    expect(standing(held, BOTH)).toEqual({
      type: 'coming',
      said: 'app: held (waits for db: is Progressing); differs from 0123456',
    });
    expect(standing(given([IN_SYNC, HEALTHY], { automation }), BOTH).type).toBe('there');
  });

  it('gives up on a sync that is not tried again', () => {
    const started = { revision: REVISION, startedAt: '2026-01-01T00:00:00Z' };
    const failed = given([OUT_OF_SYNC, HEALTHY], { operationState: { ...started, phase: 'Failed', retryCount: 2 } });
    expect(standing(failed, BOTH).type).toBe('coming');
    failed.spec = {
      ...failed.spec,
      syncPolicy: {
        ...failed.spec.syncPolicy,
        retry: { limit: 2, backoff: { duration: '5s', factor: 2, maxDuration: '3m' } },
      },
    };
    expect(standing(failed, BOTH)).toEqual({ type: 'hopeless', why: expect.stringContaining('is not tried again') });
  });

  it('waits for a sync under way also where nothing is synced by itself', () => {
    const manual = given([OUT_OF_SYNC, HEALTHY]);
    const { syncPolicy: _, ...spec } = manual.spec;
    manual.spec = spec;
    expect(standing(manual, BOTH).type).toBe('hopeless');
    const running = { phase: 'Running' as const, revision: REVISION, startedAt: '2026-01-01T00:00:00Z' };
    manual.status = { ...manual.status, operationState: running };
    expect(standing(manual, BOTH).type).toBe('coming');
  });

  it('gives up on what is being deleted and on a spec that makes no sense', () => {
    const deleted = given([IN_SYNC, HEALTHY]);
    deleted.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
    expect(standing(deleted, BOTH)).toEqual({ type: 'hopeless', why: 'application "app" is being deleted' });
    const bad = { ...given([IN_SYNC, HEALTHY]), spec: 'rubbish' } as unknown as Application;
    expect(standing(bad, BOTH)).toEqual({ type: 'hopeless', why: expect.stringContaining('spec') });
  });
});
