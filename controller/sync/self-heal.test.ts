import { describe, expect, it } from 'vitest';
import { application, idNamed, NOW, paired, REVISION, SETTLED, snapshot } from '../../test/applications.ts';
import { timestamp } from '../api/conditions.ts';
import type { Application } from '../api/generated/application.ts';
import { planSync, verdictOf } from './plan.ts';
import { decideHeal } from './self-heal.ts';
import { statusAfterPass, statusAtStart } from './status.ts';

/** An Application whose last sync of `REVISION` ended at NOW, after so many heals in a row. */
function healed(attempts: number, changes: { phase?: 'Failed'; selfHeal?: boolean } = {}): Application {
  const { phase = 'Succeeded', selfHeal = true } = changes;
  return application({
    automated: { selfHeal },
    status: {
      ...SETTLED,
      operationState: {
        ...SETTLED.operationState,
        phase,
        revision: REVISION,
        startedAt: timestamp(NOW),
        finishedAt: timestamp(NOW),
      },
      ...(attempts > 0 && { selfHeal: { attempts } }),
    },
  });
}

describe('when drift is put right', () => {
  it.each([0, 2, 6, 18, 54, 162, 300, 300].map((seconds, attempts) => [attempts, seconds]))(
    'after %i attempts in a row, %i s later',
    (attempts, seconds) => {
      const due = NOW + seconds * 1000;
      const app = healed(attempts);
      expect(decideHeal(app, due)).toEqual({ type: 'now', attempt: attempts + 1 });
      if (seconds > 0) {
        expect(decideHeal(app, due - 1)).toEqual({ type: 'wait', at: due, attempt: attempts + 1 });
      }
    },
  );

  it.each<[string, Application, number, object]>([
    ['drift within twice the delay goes on', healed(3), NOW + 46_000, { type: 'now', attempt: 4 }],
    ['drift that stayed away starts anew', healed(3), NOW + 46_001, { type: 'now', attempt: 1 }],
    ['a sync that failed is retried, not healed', healed(1, { phase: 'Failed' }), NOW + 60_000, { type: 'off' }],
    ['not asked for', healed(0, { selfHeal: false }), NOW, { type: 'off' }],
  ])('%s', (_, app, now, heal) => {
    expect(decideHeal(app, now)).toEqual(heal);
  });

  it('applies what differs, nothing else, and counts', () => {
    const drifted = paired(idNamed('a'), { state: 'differs', message: 'differs at data' });
    const shot = snapshot({ application: healed(1), objects: [drifted, paired(idNamed('b'), { state: 'synced' })] });
    expect(planSync(shot, NOW + 1000).mode).toBe('compare');
    const plan = planSync(shot, NOW + 2000);
    expect(plan).toMatchObject({ mode: 'start', apply: [[{ desired: { id: { name: 'a' } } }]] });
    expect(statusAtStart(shot, 'start', NOW + 2000).selfHeal).toEqual({ attempts: 2 });
    // Another reason to sync begins a new story.
    expect(statusAtStart({ ...shot, revision: 'newer' }, 'start', NOW + 2000).selfHeal).toBeUndefined();
  });

  it('says when it comes, in words that stay the same until then', () => {
    const objects = [paired(idNamed('a'), { state: 'differs', message: 'differs at data' })];
    const shot = snapshot({ application: healed(2), objects });
    const outcome = {
      mode: 'compare' as const,
      retry: false,
      revision: REVISION,
      objects: objects.map((object) => ({ id: object.desired.id, verdict: verdictOf(object) })),
      prune: { type: 'nothing' as const },
      pruneFailures: [],
      unconfirmed: [],
      attempts: 0,
      pruned: 0,
    };
    const view = { snapshot: shot, outcome, claimants: new Map(), targetRevision: 'main', skipped: [] };
    const said = (now: number): string | undefined =>
      statusAfterPass(view, now).conditions?.find(({ type }) => type === 'Synced')?.message;
    expect(said(NOW + 1000)).toBe(
      'differs from 0123456: ConfigMap team/a: differs at data; healed at 2026-01-01T00:00:06Z (attempt 3 in a row)',
    );
    // Waiting writes nothing.
    expect(said(NOW + 2000)).toBe(said(NOW + 1000));
  });

  it('does nothing while the Application is suspended', () => {
    const app = healed(0);
    const objects = [paired(idNamed('a'), { state: 'differs', message: 'differs at data' })];
    expect(planSync(snapshot({ application: app, objects }), NOW).mode).toBe('start');
    const suspended = { ...app, spec: { ...app.spec, suspend: true } };
    expect(planSync(snapshot({ application: suspended, objects }), NOW).mode).toBe('compare');
  });
});
