import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMlflow } from '../cluster/services/mlflow.ts';
import { failures } from './checks.ts';
import { type Environment, startEnvironment } from './environment.ts';
import { startRelease } from './journey-merge.ts';
import { Live } from './live.ts';
import { localPlace, removePlace } from './place.ts';
import { startMonitoring } from './services.ts';
import { canaryWeight, NAME, RELEASE_MS, SOON_MS, seen, untilApplied, untilServing, untilSettled } from './stage.ts';

const CLUSTER = 'faults-test';
/** Five measurements in a row that fail, ten seconds apart, and then some. */
const ERRORS_MS = 120_000;

/** What breaks around a release, on the real cluster with traffic on it. One story: each test begins where the last ended. */
describe('faults around a release', () => {
  const live = new Live();
  let env: Environment;

  beforeAll(async () => {
    env = await startEnvironment(await localPlace(CLUSTER, live.say), live);
  });

  afterAll(async () => {
    await env?.close();
    await removePlace(CLUSTER, undefined);
  });

  /** Why the version is not resolved, once the Rollout says so. */
  function unresolved(): Promise<{ reason: string; message: string }> {
    const find = () =>
      env.stage.observer.rollout(NAME)?.status?.conditions?.find(({ type, status, reason }) => {
        return type === 'ModelResolved' && status !== 'True' && reason !== 'ModelPending';
      });
    return env.stage.observer.until('ModelResolved to be other than True', SOON_MS, find, () => seen(env.stage));
  }

  function served(since: number): unknown[] {
    const versions = env.stage.traffic.answers.filter(({ sentAt }) => sentAt >= since).map(({ version }) => version);
    return [...new Set(versions)].sort();
  }

  it('a version that does not exist starts nothing, says so, and goes with its revert', async () => {
    const { stage } = env;
    const merged = await stage.repository.bump('1', '99');
    await untilApplied(stage, merged, '99');
    const { reason, message } = await unresolved();
    expect(reason).toBe('ModelVersionNotFound');
    expect(message).toContain('99');
    expect(stage.observer.rollout(NAME)?.status?.model?.stable?.version).toBe('1');
    expect(canaryWeight(stage.observer.route(NAME))).toBe(0);
    const reverted = await stage.repository.revert(merged);
    await untilApplied(stage, reverted, '1');
    await untilServing(stage, '1', SOON_MS);
    expect(served(merged.askedAt)).toEqual(['1']);
    expect(failures(stage, merged.askedAt)).toEqual([]);
  });

  it('a registry that is down delays the start of a version and nothing else', async () => {
    const { stage, services, place } = env;
    await services.mlflow.stop();
    const merged = await stage.repository.bump('1', '2');
    await untilApplied(stage, merged, '2');
    expect((await unresolved()).reason).toBe('RegistryUnreachable');
    expect(served(merged.askedAt)).toEqual(['1']);
    await startMlflow({ stateDir: place.stateDir, bind: place.hostAddress });
    await untilServing(stage, '2', RELEASE_MS);
    expect(failures(stage, merged.askedAt)).toEqual([]);
  });

  it('without Prometheus nothing is promoted; a retry releases it when Prometheus is back', async () => {
    const { stage, services, place } = env;
    await untilSettled(stage);
    await services.prometheus.stop();
    const { merged } = await startRelease(stage, '2', '4');
    const aborted = () => (stage.observer.rollout(NAME)?.status?.abort === true ? true : undefined);
    await stage.observer.until('the abort', ERRORS_MS, aborted, () => seen(stage));
    await untilSettled(stage);
    expect(stage.observer.rollout(NAME)?.status?.model?.stable?.version).toBe('2');
    expect(await stage.registry.alias('champion')).toBe('2');
    await startMonitoring(place, live.say);
    await stage.kubectl.slipway('retry', NAME);
    await untilServing(stage, '4', RELEASE_MS);
    expect(failures(stage, merged.askedAt)).toEqual([]);
  });

  it('a controller that is killed in the middle of a canary goes on where it was', async () => {
    const { stage, controller } = env;
    await untilSettled(stage);
    const { merged } = await startRelease(stage, '4', '5');
    await controller.kill();
    const killedAt = performance.now();
    // Whoever is not there decides nothing: the gateway goes on with the weights that it has.
    await stage.traffic.until('an answer of 5', SOON_MS, killedAt, ({ version }) => version === '5');
    expect(canaryWeight(stage.observer.route(NAME))).toBe(10);
    await controller.start();
    await untilServing(stage, '5', RELEASE_MS);
    const hash = stage.observer.rollout(NAME)?.status?.stableRS;
    const runs = stage.observer.analysisRuns().filter((run) => run.metadata.name.includes(`-${hash}-`));
    expect(runs.map((run) => run.status?.phase)).toEqual(['Successful', 'Successful']);
    expect(failures(stage, merged.askedAt)).toEqual([]);
  });
});
