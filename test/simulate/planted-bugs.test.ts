import { describe, expect, it } from 'vitest';
import { PODS_TO_UPDATE_ANNOTATION } from '../../controller/api/names.ts';
import { decideRollout } from '../../controller/rollout/decide.ts';
import type { Command, RolloutDecision } from '../../controller/rollout/decision.ts';
import { hashOf, wantedPods } from '../../controller/rollout/replica-sets.ts';
import { settingsOf } from '../../controller/rollout/settings.ts';
import type { ReplicaSet, RolloutSnapshot } from '../../controller/rollout/snapshot.ts';
import { weightAt } from '../../controller/rollout/steps.ts';
import { play } from './history.ts';
import type { Decide } from './reconciler.ts';
import { formatPath, parsePath } from './script.ts';
import { report, shrink } from './shrink.ts';

const HISTORIES = 2000;

type Spoil = (snapshot: RolloutSnapshot, decision: RolloutDecision, now: number) => RolloutDecision;

/** Spoils every decision on purpose and looks for a history in which that is noticed; returns the complaints. */
function complaints(spoil: Spoil, expected: RegExp): string {
  const decide = spoiled(spoil);
  const found = new Set<string>();
  for (let seed = 1; seed <= HISTORIES; seed += 1) {
    const played = play(seed, decide);
    if (!('wrong' in played)) continue;
    if (expected.test(played.wrong)) return played.wrong;
    found.add(played.wrong.slice(0, 200));
  }
  return [...found].slice(0, 5).join('\n');
}

function spoiled(spoil: Spoil): Decide {
  return (snapshot, now) => spoil(snapshot, decideRollout(snapshot, now), now);
}

function scaleTo(rs: ReplicaSet, replicas: number): Command[] {
  const { name, resourceVersion } = rs.metadata;
  if (resourceVersion === undefined || wantedPods(rs) === replicas) return [];
  return [{ type: 'updateReplicaSet', name, resourceVersion, replicas, why: 'planted' }];
}

/** The canary Service is pointed to a version as soon as its ReplicaSet is there. */
const canaryServiceEarly: Spoil = (snapshot, decision) => {
  const { currentPodHash: hash } = decision.status;
  const { resourceVersion = '' } = snapshot.services['canary']?.metadata ?? {};
  const made = snapshot.replicaSets.some((rs) => hashOf(rs) === hash);
  if (hash === undefined || !made) return decision;
  const early: Command = { type: 'setServiceSelector', service: 'canary', resourceVersion, hash };
  return { ...decision, commands: [early] };
};

const isScaling = (command: Command): boolean => command.type === 'updateReplicaSet';

describe('the simulation notices when', () => {
  it('pods are taken before the requests are gone', () => {
    const expected = /scaled to 0 of \d+; the canary Service needs \d+/;
    const spoil: Spoil = (snapshot, decision) => {
      const { status } = decision;
      const tested = snapshot.replicaSets.find((rs) => hashOf(rs) === status.currentPodHash);
      if (status.abort !== true || tested === undefined) return decision;
      return { ...decision, commands: [...scaleTo(tested, 0), ...decision.commands.filter((c) => !isScaling(c))] };
    };
    expect(complaints(spoil, expected)).toMatch(expected);
  });

  it('the stable version gives up pods before the requests have left it', () => {
    const expected = /scaled to \d+ of \d+; the stable Service needs \d+/;
    const spoil: Spoil = (snapshot, decision) => {
      const settings = settingsOf(snapshot.rollout.spec);
      const { stableRS, currentPodHash, currentStepIndex = 0, abort } = decision.status;
      const stable = snapshot.replicaSets.find((rs) => hashOf(rs) === stableRS);
      if (!settings.dynamicStable || stable === undefined || stableRS === currentPodHash || abort === true)
        return decision;
      const share = Math.ceil(((100 - weightAt(settings.steps, currentStepIndex)) * settings.replicas) / 100);
      const early = scaleTo(stable, Math.max(1, share));
      return { ...decision, commands: [...early, ...decision.commands.filter((c) => !isScaling(c))] };
    };
    expect(complaints(spoil, expected)).toMatch(expected);
  });

  it('pods keep the labels of what their version was', () => {
    const expected = /pod-\d+ of \S+ has .* at rest/;
    const spoil: Spoil = (snapshot, decision) => {
      const forgotten = snapshot.replicaSets.flatMap(
        ({ metadata: { name, resourceVersion, annotations } }): Command[] =>
          annotations?.[PODS_TO_UPDATE_ANNOTATION] === undefined || resourceVersion === undefined
            ? []
            : [
                {
                  type: 'updateReplicaSet',
                  name,
                  resourceVersion,
                  annotations: { [PODS_TO_UPDATE_ANNOTATION]: null },
                  why: '',
                },
              ],
      );
      return { ...decision, commands: [...decision.commands.filter((c) => c.type !== 'patchPod'), ...forgotten] };
    };
    expect(complaints(spoil, expected)).toMatch(expected);
  });

  it('requests are sent to pods that do not serve yet', () => {
    const expected = /weight \d+ → \d+ of \d+ with \d+ pods behind the canary Service/;
    const spoil: Spoil = (snapshot, decision) => {
      const settings = settingsOf(snapshot.rollout.spec);
      const { status } = decision;
      const updating = status.stableRS !== undefined && status.stableRS !== status.currentPodHash;
      if (!settings.routed || !updating || status.abort === true || settings.steps.length === 0) return decision;
      const canaryWeight = weightAt(settings.steps, status.currentStepIndex ?? 0);
      const early: Command = { type: 'setWeights', route: 'route', canaryWeight };
      return { ...decision, commands: [...decision.commands.filter((c) => c.type !== 'setWeights'), early] };
    };
    expect(complaints(spoil, expected)).toMatch(expected);
  });

  it('an aborted update is tried again by itself', () => {
    const expected = /an abort was taken back/;
    const spoil: Spoil = (_snapshot, decision, now) => {
      const { abort, abortedAt, abortMessage, ...rest } = decision.status;
      const later = abortedAt !== undefined && now - Date.parse(abortedAt) > 20_000;
      return later ? { ...decision, status: rest } : decision;
    };
    expect(complaints(spoil, expected)).toMatch(expected);
  });

  it('a version is promoted before it has all its pods', () => {
    const expected = /promoted with too few/;
    const spoil: Spoil = (snapshot, decision) => {
      const { status } = decision;
      const last = settingsOf(snapshot.rollout.spec).steps.length;
      const done = status.abort !== true && (status.currentStepIndex ?? 0) >= last;
      return done && status.currentPodHash !== undefined
        ? { ...decision, status: { ...status, stableRS: status.currentPodHash } }
        : decision;
    };
    expect(complaints(spoil, expected)).toMatch(expected);
  });

  it('a Service moves to pods that do not serve yet', () => {
    const expected = /Service canary moved to \d+ pods/;
    expect(complaints(canaryServiceEarly, expected)).toMatch(expected);
  });

  it('the pods of an update exceed what the surge allows', () => {
    const expected = /\d+ pods, allowed are/;
    const spoil: Spoil = (snapshot, decision) => {
      const { routed, replicas } = settingsOf(snapshot.rollout.spec);
      const tested = snapshot.replicaSets.find((rs) => hashOf(rs) === decision.status.currentPodHash);
      if (routed || tested === undefined) return decision;
      return { ...decision, commands: scaleTo(tested, replicas) };
    };
    expect(complaints(spoil, expected)).toMatch(expected);
  });

  it('the active Service moves before all pods of the new version serve', () => {
    const expected = /the active Service moved to \d+ of \d+ pods/;
    const spoil: Spoil = (snapshot, decision) => {
      const { currentPodHash: hash, abort } = decision.status;
      const { resourceVersion = '' } = snapshot.services['active']?.metadata ?? {};
      const made = snapshot.replicaSets.some((rs) => hashOf(rs) === hash);
      const blueGreen = snapshot.rollout.spec.strategy.blueGreen !== undefined;
      if (!blueGreen || hash === undefined || !made || abort === true) return decision;
      const early: Command = { type: 'setServiceSelector', service: 'active', resourceVersion, hash };
      return { ...decision, commands: [early] };
    };
    expect(complaints(spoil, expected)).toMatch(expected);
  });

  it('the old version loses its pods before the delay of a rollback at once is over', () => {
    const expected = /lost its pods \d+ ms after it served/;
    const spoil: Spoil = (snapshot, decision, now) => {
      const { rollout } = snapshot;
      const { blueGreen } = rollout.spec.strategy;
      if (blueGreen === undefined) return decision;
      const strategy = { blueGreen: { ...blueGreen, scaleDownDelaySeconds: 0 } };
      return decideRollout({ ...snapshot, rollout: { ...rollout, spec: { ...rollout.spec, strategy } } }, now);
    };
    expect(complaints(spoil, expected)).toMatch(expected);
  });

  it('a version is given the requests without its analysis', () => {
    const expected = /moved on without its pre-promotion analysis/;
    const spoil: Spoil = (_snapshot, decision) => {
      const { blueGreen, abort } = decision.status;
      if (blueGreen === undefined || abort === true) return decision;
      return {
        ...decision,
        status: { ...decision.status, blueGreen: { ...blueGreen, scaleUpPreviewCheckPoint: true } },
      };
    };
    expect(complaints(spoil, expected)).toMatch(expected);
  });

  it('something is written although nothing changed', () => {
    const expected = /rests|idle/;
    let looks = 0;
    const spoil: Spoil = (_snapshot, decision) => {
      looks += 1;
      return { ...decision, status: { ...decision.status, message: `looked ${looks} times` } };
    };
    expect(complaints(spoil, expected)).toMatch(expected);
  });

  it('a step never ends', () => {
    const expected = /rests/;
    const spoil: Spoil = (snapshot, decision) => {
      const { status } = snapshot.rollout;
      return (status?.currentStepIndex ?? 0) === 1 && decision.status.currentStepIndex === 2
        ? { ...decision, status: { ...decision.status, currentStepIndex: 1 } }
        : decision;
    };
    expect(complaints(spoil, expected)).toMatch(expected);
  });
});

it('a history that goes wrong shrinks to a short story in words, which can be replayed', () => {
  const decide = spoiled(canaryServiceEarly);
  const expected = /Service canary moved to 0 pods/;
  const seed = Array.from({ length: HISTORIES }, (_, i) => i + 1).find((one) => {
    const played = play(one, decide);
    return 'wrong' in played && expected.test(played.wrong);
  });
  const shrunk = shrink(seed ?? 0, decide);
  if (seed === undefined || shrunk === undefined) throw new Error('no history goes wrong');
  console.info(report(seed, shrunk));
  expect(shrunk.path.kept.length).toBeLessThanOrEqual(5);
  const lines = shrunk.story.split('\n');
  expect(lines[0]).toMatch(/^A Rollout of v1 with \d pods?: a canary/);
  expect(lines.slice(1, -1).every((line, i) => line.startsWith(`${i + 1}. `))).toBe(true);
  expect(lines.at(-1)).toMatch(/^Then: Service canary moved to 0 pods of v\d; it needs 1 of \d\.$/);
  expect(shrunk.story).not.toContain('fraud-');
  // The path in the report is all that is needed.
  expect(play(seed, decide, parsePath(formatPath(shrunk.path)))).toEqual({
    wrong: shrunk.wrong,
    story: shrunk.story,
  });
});
