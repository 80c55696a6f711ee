import type { Rollout } from '../../controller/api/generated/rollout.ts';
import type { MergedPullRequest } from './forge.ts';
import { NAME, SOON_MS, type Stage, seen, untilApplied, untilWeight } from './stage.ts';

/** A release under way: its pull request and the moments that others measure from. */
export interface Release {
  readonly merged: MergedPullRequest;
  readonly version: string;
  /** When the route gave it its first share. */
  readonly sharedAt: number;
}

/** Merges a version bump and waits until the version answers its first request as a canary. */
export async function startRelease(stage: Stage, from: string, to: string): Promise<Release> {
  const { observer, timings, traffic } = stage;
  stage.say(`pull request: spec.model.version "${from}" → "${to}", merged; its canary should start`);
  const merged = await stage.repository.bump(from, to);
  traffic.phase(`canary of ${to}`);
  await untilApplied(stage, merged, to);
  const sharedAt = await untilWeight(stage, 10, merged.askedAt, SOON_MS);
  const first = await traffic.until(`a request to version ${to}`, SOON_MS, merged.askedAt, (a) => a.version === to);
  timings.push({ what: `merge of ${to} to its first request`, ms: first.answeredAt - merged.mergedAt });
  await observer.until(
    `the Rollout to report that weight`,
    SOON_MS,
    () => (observer.rollout(NAME)?.status?.canary?.weights?.canary.weight === 10 ? true : undefined),
    () => seen(stage),
  );
  return { merged, version: to, sharedAt };
}

/** Journey 1: a merged pull request is applied, and a canary of the new version starts. */
export async function mergeJourney(stage: Stage): Promise<Release> {
  const { facts, observer, registry } = stage;
  facts.begin('1 merge');
  const before = observer.rollout(NAME);
  const release = await startRelease(stage, '1', '2');
  const app = observer.application(NAME)?.status;
  const rollout = observer.rollout(NAME);
  facts.equals('the Application is synced to the merge commit', app?.sync?.revision, release.merged.mergeCommit);
  facts.equals('the Rollout under test is of version', rollout?.status?.model?.current?.version, '2');
  facts.equals('the version that serves is still', rollout?.status?.model?.stable?.version, '1');
  facts.equals('the stable pods are the ones from before', rollout?.status?.stableRS, before?.status?.currentPodHash);
  facts.equals('the Rollout says who is tested against whom', rollout?.status?.model?.summary, 'fraud 1 → 2');
  facts.equals('the alias champion is still on version', await registry.alias('champion'), '1');
  facts.equals('the Application is not called healthy meanwhile', app?.health?.status, 'Progressing');
  facts.holds(
    'nothing was created by hand',
    isOwned(rollout),
    `annotations ${JSON.stringify(rollout?.metadata.annotations)}`,
  );
  await showListing(stage);
  return release;
}

function isOwned(rollout: Rollout | undefined): boolean {
  return Object.keys(rollout?.metadata.annotations ?? {}).includes('slipway.dev/tracking-id');
}

/** What the on-call person types first, mid-canary. */
async function showListing({ kubectl, exhibits, facts }: Stage): Promise<void> {
  const listing = await kubectl.inNamespace('get', 'applications,rollouts');
  exhibits.push({ command: 'kubectl get applications,rollouts   (canary of 2 at work)', output: listing });
  facts.holds('kubectl get shows both versions mid-canary', listing.includes('fraud 1 → 2'), listing.trim());
}
