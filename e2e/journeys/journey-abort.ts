import type { AnalysisRun } from '../../controller/api/generated/analysisrun.ts';
import { checkTag } from './checks.ts';
import { type Release, startRelease } from './journey-merge.ts';
import type { Route } from './observer.ts';
import { canaryWeight, NAME, RELEASE_MS, SOON_MS, type Stage, seen, untilSilent } from './stage.ts';

/** Journey 2b: a bad version is aborted, and traffic is back on the old one at once. */
export async function abortJourney(stage: Stage): Promise<Release> {
  const { facts, observer, registry, timings, traffic } = stage;
  facts.begin('2 abort');
  const release = await startRelease(stage, '2', '3');
  const { askedAt } = release.merged;
  stage.say('version 3 fails on payments from wallets; its analysis should notice within about 15 s');
  await observer.until(
    'the Rollout to be aborted',
    RELEASE_MS,
    () => (observer.rollout(NAME)?.status?.abort === true ? true : undefined),
    () => seen(stage),
  );
  const verdictAt = firstFailure(stage, askedAt);
  const zeroAt = await stage.observer.until(
    'the weight of version 3 to be 0',
    SOON_MS,
    () => observer.history<Route>('HTTPRoute', NAME, verdictAt).find(({ object }) => canaryWeight(object) === 0)?.at,
    () => seen(stage),
  );
  const lastAt = await untilSilent(stage, '3', askedAt);
  traffic.phase('3 aborted, 2 serves');
  timings.push({ what: 'bad verdict to weight 0', ms: Math.max(0, zeroAt - verdictAt) });
  timings.push({ what: 'bad verdict to the last request of version 3', ms: Math.max(0, lastAt - verdictAt) });

  const rollout = observer.rollout(NAME);
  const { phase, message = '', model } = rollout?.status ?? {};
  facts.equals('the phase of the Rollout is', phase, 'Degraded');
  facts.holds('its message names the metric and a number', /error-rate.*\d/.test(message), message);
  facts.equals('the version that serves is still', model?.stable?.version, '2');
  facts.equals(
    'version 3 is remembered as rejected',
    model?.rejected?.map((entry) => entry.version),
    ['3'],
  );
  await observer.until(
    'the Application to say what is wrong',
    SOON_MS,
    () => (/error-rate/.test(observer.application(NAME)?.status?.message ?? '') ? true : undefined),
    () => seen(stage),
  );
  const app = observer.application(NAME)?.status;
  facts.equals('the Application is still synced: Git says 3', app?.sync?.status, 'Synced');
  facts.equals('the health of the Application is', app?.health?.status, 'Degraded');
  facts.holds('the Application says why', /error-rate.*\d/.test(app?.message ?? ''), app?.message ?? '');
  facts.equals('the alias champion is still on version', await registry.alias('champion'), '2');
  const reason = await checkTag(stage, '3', 'rejected');
  facts.holds('the registry has the reason', /error-rate.*\d/.test(reason), reason);
  checkDamage(stage, askedAt);
  await showAbort(stage);
  return release;
}

/** Version 3 may only have failed on its own share of the requests; nobody else may have failed at all. */
function checkDamage({ facts, traffic }: Stage, since: number): void {
  const during = traffic.answers.filter(({ sentAt }) => sentAt >= since);
  const bad = during.filter(({ status }) => status !== 200);
  const others = bad.filter(({ version }) => version !== '3');
  const got = during.filter(({ version }) => version === '3').length;
  const tested = during.filter(({ phase }) => phase === 'canary of 3').length;
  facts.equals(
    'failed requests that version 3 did not answer',
    others.map(({ version, error }) => `${version}: ${error}`),
    [],
  );
  facts.holds(
    'version 3 got no more than its share',
    got <= 0.13 * tested,
    `${got} of ${tested} requests, ${bad.length} failed`,
  );
}

async function showAbort({ exhibits, facts, kubectl }: Stage): Promise<void> {
  const tree = await kubectl.slipway('get', 'rollout', NAME);
  exhibits.push({ command: 'kubectl slipway get rollout fraud   (3 aborted)', output: tree });
  const status = await kubectl.slipway('status', NAME, '--no-watch').then(
    (output) => `exit code 0: ${output}`,
    (error: Error) => error.message,
  );
  facts.holds(
    'kubectl slipway status fails for a degraded rollout',
    status.includes('exit code 1'),
    status.split('\n')[0] ?? '',
  );
}

/** When the first failed AnalysisRun since a moment was seen. */
function firstFailure({ observer }: Stage, since: number): number {
  const failed = observer.sightings.find(
    ({ at, kind, object }) =>
      at >= since && kind === 'AnalysisRun' && (object as unknown as AnalysisRun).status?.phase === 'Failed',
  );
  if (failed === undefined) throw new Error('the Rollout was aborted, but no AnalysisRun has failed');
  return failed.at;
}
