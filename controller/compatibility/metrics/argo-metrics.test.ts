import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import type { Rollout } from '../../api/generated/rollout.ts';
import type { Informer, KubeObject, WatchEvent } from '../../kube/types.ts';
import { ManualClock } from '../../platform/manual-clock.ts';
import { ArgoMetrics, type MetricSources } from './argo-metrics.ts';
import { ROLLOUT_METRICS } from './state.ts';

const rollout = (...conditions: { type: string; reason: string; status?: string }[]): Rollout =>
  ({
    apiVersion: 'slipway.dev/v1alpha1',
    kind: 'Rollout',
    metadata: { name: 'fraud', namespace: 'models' },
    spec: { strategy: { canary: {} } },
    status: { conditions },
  }) as unknown as Rollout;

const phaseOf = (object: Rollout): unknown => ROLLOUT_METRICS[0]?.samples(object)[0]?.[0]['phase'];

/** A cache with one object that can be deleted. */
function cacheOf<T extends KubeObject>(...objects: T[]) {
  let tell = (_: WatchEvent<T>): void => {};
  const informer = {
    get: (key: string) => objects.find(({ metadata }) => `${metadata.namespace}/${metadata.name}` === key),
    list: () => objects,
    onEvent: (handler: (event: WatchEvent<T>) => void) => {
      tell = handler;
      return () => {};
    },
  } as unknown as Informer<T>;
  const remove = (): void => {
    for (const object of objects.splice(0)) tell({ type: 'deleted', object });
  };
  return { informer, remove };
}

describe('the phase that Argo Rollouts gives a Rollout in its metrics', () => {
  it.each([
    ['NewReplicaSetAvailable', 'Completed'],
    ['RolloutPaused', 'Paused'],
    ['ProgressDeadlineExceeded', 'Timeout'],
    ['RolloutAborted', 'Abort'],
    ['ReplicaSetUpdated', 'Progressing'],
  ])('with the reason %s is %s', (reason, phase) => {
    expect(phaseOf(rollout({ type: 'Progressing', reason }))).toBe(phase);
  });

  it('is Error while a write is refused, and InvalidSpec before all else', () => {
    const stalled = { type: 'Stalled', status: 'True', reason: 'WriteRefused' };
    expect(phaseOf(rollout({ type: 'Progressing', reason: 'RolloutPaused' }, stalled))).toBe('Error');
    expect(phaseOf(rollout(stalled, { type: 'InvalidSpec', reason: 'InvalidSpec' }))).toBe('InvalidSpec');
  });
});

describe('the metrics of what happened', () => {
  it('count Events, failures and time by Rollout, and are gone with it', async () => {
    const registry = new Registry();
    const clock = new ManualClock();
    const metrics = new ArgoMetrics(registry, clock, '1');
    const { informer, remove } = cacheOf(rollout());
    const none = cacheOf<KubeObject>().informer;
    const sources = {
      rollouts: informer,
      analysisRuns: none,
      experiments: none,
      analysisTemplates: none,
      clusterAnalysisTemplates: none,
    } as unknown as MetricSources;
    metrics.follow(sources);
    metrics.counting({ event: () => {} }).event(rollout(), 'Normal', 'RolloutPaused', 'paused');
    const failing = metrics.measuring('rollout', () => Promise.reject(new Error('no')));
    await expect(failing('models/fraud', new AbortController().signal)).rejects.toThrow('no');
    const labels = 'namespace="models",name="fraud"';
    const text = await registry.metrics();
    expect(text).toContain(`rollout_events_total{${labels},type="Normal",reason="RolloutPaused"} 1`);
    expect(text).toContain(`rollout_reconcile_error{${labels}} 1`);
    expect(text).toContain(`rollout_reconcile_count{${labels}} 1`);
    expect(text).toContain('argo_rollouts_controller_info{version="1"} 1');
    remove();
    expect(await registry.metrics()).not.toContain('fraud');
  });
});
