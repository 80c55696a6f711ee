import type { Rollout } from '../../controller/api/generated/rollout.ts';
import { checkTag, failures, untilAlias } from './checks.ts';
import type { MergedPullRequest } from './forge.ts';
import { type Release, startRelease } from './journey-merge.ts';
import { checkPromotion } from './journey-promotion.ts';
import { NAME, SOON_MS, type Stage, seen, untilApplied, untilServing, untilSilent, weightsSince } from './stage.ts';

/** Reverts a release by `git revert` and waits until the old version serves. */
async function revert(stage: Stage, release: Release, to: string): Promise<MergedPullRequest> {
  stage.say(`git revert of "${release.merged.title}", merged as a pull request; version ${to} should serve at once`);
  const known = new Set(stage.observer.analysisRuns().map((run) => run.metadata.name));
  const reverted = await stage.repository.revert(release.merged);
  await untilApplied(stage, reverted, to);
  const servesAt = await untilServing(stage, to, SOON_MS);
  stage.traffic.phase(`${release.version} reverted, ${to} serves`);
  stage.timings.push({
    what: `merge of the revert of ${release.version} to healthy`,
    ms: servesAt - reverted.mergedAt,
  });
  const analysed = stage.observer.analysisRuns().filter((run) => !known.has(run.metadata.name));
  stage.facts.equals(`the revert of ${release.version} needed no analysis: new AnalysisRuns`, analysed.length, 0);
  return reverted;
}

/** Journey 3a: the revert of an aborted version; nothing moves but what Git says, and the rejection is remembered. */
export async function revertAbortedJourney(stage: Stage, aborted: Release): Promise<void> {
  const { facts, observer } = stage;
  facts.begin('3 revert of the aborted');
  const reverted = await revert(stage, aborted, '2');
  facts.equals(
    'no request was moved: weights',
    weightsSince(stage, reverted.askedAt).filter((weight) => weight !== 0),
    [],
  );
  const rejected = observer.rollout(NAME)?.status?.model?.rejected ?? [];
  facts.equals(
    'version 3 is still remembered as rejected',
    rejected.map(({ version }) => version),
    ['3'],
  );
  facts.equals('requests that failed', failures(stage, reverted.askedAt), []);
  await checkTag(stage, '3', 'rejected');
}

/** Journey 3b: the revert of a promoted version goes back through the rollback window, without the steps. */
export async function revertPromotedJourney(stage: Stage): Promise<void> {
  const { facts, traffic } = stage;
  facts.begin('3 revert of the promoted');
  stage.say('a good version first: 4 (about 60 s)');
  const release = await startRelease(stage, '2', '4');
  await checkPromotion(stage, release, '2');
  const reverted = await revert(stage, release, '2');
  const steps = weightsSince(stage, reverted.askedAt).filter((weight) => weight !== 0 && weight !== 100);
  facts.equals('the steps were not repeated: weights between 0 and 100', steps, []);
  const lastAt = await untilSilent(stage, '4', reverted.askedAt);
  stage.timings.push({
    what: 'merge of the revert of 4 to its last request',
    ms: Math.max(0, lastAt - reverted.mergedAt),
  });
  const back = await traffic.until('an answer of version 2', SOON_MS, lastAt, ({ version }) => version === '2');
  facts.equals('requests are answered by version', back.version, '2');
  await untilAlias(stage, '2');
  facts.equals('champion is back on version', stage.championMoves.at(-1)?.version, '2');
  await checkTag(stage, '4', 'retired');
  facts.equals('requests that failed', failures(stage, reverted.askedAt), []);
}

/** Journey 3c: the revert in the middle of a canary takes its requests away at once. */
export async function revertCanaryJourney(stage: Stage): Promise<void> {
  const { facts, observer } = stage;
  facts.begin('3 revert mid-canary');
  const release = await startRelease(stage, '2', '5');
  const reverted = await revert(stage, release, '2');
  const lastAt = await untilSilent(stage, '5', reverted.askedAt);
  stage.timings.push({
    what: 'merge of the revert of 5 to its last request',
    ms: Math.max(0, lastAt - reverted.mergedAt),
  });
  facts.equals('the weights of version 5 were', weightsSince(stage, release.sharedAt).at(-1), 0);
  const stables = observer
    .history<Rollout>('Rollout', NAME, release.merged.askedAt)
    .map(({ object }) => object.status?.model?.stable?.version);
  facts.equals('the version that serves was all the time', [...new Set(stables)], ['2']);
  const champions = stage.championMoves.filter(({ at }) => at >= release.merged.askedAt);
  facts.equals('champion did not move', champions.length, 0);
  await checkTag(stage, '5', 'withdrawn');
  facts.equals('requests that failed', failures(stage, release.merged.askedAt), []);
  await observer.until(
    'the Application to be healthy',
    SOON_MS,
    () => (observer.application(NAME)?.status?.health?.status === 'Healthy' ? true : undefined),
    () => seen(stage),
  );
}
