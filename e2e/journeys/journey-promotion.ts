import type { Application } from '../../controller/api/generated/application.ts';
import type { Rollout } from '../../controller/api/generated/rollout.ts';
import { checkTag, failures, untilAlias } from './checks.ts';
import type { Release } from './journey-merge.ts';
import type { Route } from './observer.ts';
import { canaryWeight, NAME, RELEASE_MS, type Stage, untilServing, untilSettled, weightsSince } from './stage.ts';

/** Waits until a release is promoted and checks how it got there. */
export async function checkPromotion(stage: Stage, release: Release, from: string): Promise<void> {
  const { facts, observer, traffic } = stage;
  const { version, merged } = release;
  await untilServing(stage, version, RELEASE_MS);
  await untilSettled(stage);
  traffic.phase(`${version} serves`);
  const weights = weightsSince(stage, merged.askedAt).filter((weight, index) => index > 0 || weight !== 0);
  facts.equals(`the weights of version ${version} were`, weights, [10, 50, 100, 0]);
  checkShare(stage, release);
  const hash = observer.rollout(NAME)?.status?.stableRS;
  const verdicts = observer.analysisRuns().filter((run) => run.metadata.name.includes(`-${hash}-`));
  const phases = verdicts.map((run) => run.status?.phase);
  facts.equals(`the analyses of version ${version} ended`, phases, ['Successful', 'Successful']);
  facts.equals(`requests that failed during the release of ${version}`, failures(stage, merged.askedAt).length, 0);
  checkSync(stage, release);
  await checkRegistry(stage, release, from);
}

/** One commit is one sync, and what a Rollout does to its own fields is no difference from Git. */
function checkSync({ facts, observer }: Stage, { merged, version, sharedAt }: Release): void {
  const seen = observer.history<Application>('Application', NAME, sharedAt).map(({ object }) => object);
  // Where nothing was written meanwhile, what stands now stood all the time.
  const states = [...new Set([...seen, observer.application(NAME)].map((one) => one?.status?.sync?.status))];
  facts.equals(`while ${version} was released the Application was always`, states, ['Synced']);
  const operations = observer
    .history<Application>('Application', NAME, merged.askedAt)
    .map(({ object }) => object.status?.operationState)
    .filter((operation) => operation?.revision === merged.mergeCommit)
    .map((operation) => operation?.startedAt);
  facts.equals(`sync operations for the commit of ${version}`, new Set(operations).size, 1);
}

/** At 10 % the gateway must have given it 10 % of the requests: a tenth of them, give or take. */
function checkShare(stage: Stage, { version, sharedAt }: Release): void {
  const routes = stage.observer.history<Route>('HTTPRoute', NAME, sharedAt);
  const until = routes.find(({ object }) => canaryWeight(object) === 50)?.at ?? performance.now();
  const settled = sharedAt + 1000;
  const during = stage.traffic.answers.filter(({ sentAt }) => sentAt >= settled && sentAt < until);
  const share = (100 * during.filter((answer) => answer.version === version).length) / during.length;
  const seenShare = `${share.toFixed(1)} % of ${during.length} requests`;
  stage.facts.holds(`at weight 10 version ${version} got about 10 %`, share >= 7 && share <= 13, seenShare);
}

/** The alias moved to the version, and not before the Rollout had promoted it; both versions are tagged. */
async function checkRegistry(stage: Stage, { version, merged }: Release, from: string): Promise<void> {
  const { facts, observer } = stage;
  await untilAlias(stage, version);
  const promotedAt = observer
    .history<Rollout>('Rollout', NAME, merged.askedAt)
    .find(({ object }) => object.status?.model?.stable?.version === version)?.at;
  const movedAt = stage.championMoves.find((move) => move.version === version && move.at > merged.askedAt)?.at;
  const late = Math.round((movedAt ?? 0) - (promotedAt ?? Number.POSITIVE_INFINITY));
  facts.holds(
    `champion moved to ${version} after the verdict, not before`,
    late >= 0,
    `${late} ms after the promotion`,
  );
  await checkTag(stage, version, 'stable');
  await checkTag(stage, from, 'retired');
}

/** Journey 2a: good measurements promote the version by themselves. */
export async function promotionJourney(stage: Stage, release: Release): Promise<void> {
  stage.facts.begin('2 promotion');
  stage.say('waiting for the verdict of two analyses and the promotion (about 60 s)');
  await checkPromotion(stage, release, '1');
}
