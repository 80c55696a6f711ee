import { describe, expect, it } from 'vitest';
import type { AnalysisRun } from '../api/generated/analysisrun.ts';
import type { RolloutSpec } from '../api/generated/rollout.ts';
import { analysisRunCommands, replicaSetsToDelete } from './history.ts';
import { settingsOf } from './settings.ts';
import type { ReplicaSet } from './snapshot.ts';
import type { Traffic } from './traffic.ts';

const settings = (spec: Partial<RolloutSpec>) => settingsOf(spec as RolloutSpec);

function rs(revision: number, replicas = 0, pods = replicas): ReplicaSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `r${revision}`,
      labels: { 'rollouts-pod-template-hash': `h${revision}` },
      annotations: { 'slipway.dev/revision': String(revision) },
    },
    spec: { replicas, selector: {}, template: {} },
    status: { replicas: pods },
  };
}

describe('old ReplicaSets', () => {
  const nothing = { pointsAt: () => false } as unknown as Traffic;
  const names = (older: ReplicaSet[], limit: number, traffic = nothing): string[] =>
    replicaSetsToDelete(
      { currentHash: 'h9', current: undefined, stable: undefined, older },
      traffic,
      settings({ revisionHistoryLimit: limit }),
    ).map(({ metadata }) => metadata.name);

  it('are deleted beyond the newest', () => {
    expect(names([rs(2), rs(10), rs(3), rs(1)], 2)).toEqual(['r2', 'r1']);
    expect(names([rs(1)], 0)).toEqual(['r1']);
  });

  it('are kept while they have or want pods, while a Service points at them, and when they are asked for', () => {
    expect(names([rs(1, 1), rs(2, 0, 1), rs(9)], 0)).toEqual([]);
    expect(names([rs(1)], 0, { pointsAt: () => true } as unknown as Traffic)).toEqual([]);
  });
});

describe('AnalysisRuns', () => {
  function run(
    name: string,
    phase: NonNullable<NonNullable<AnalysisRun['status']>['phase']>,
    hash = 'h',
    terminate = false,
  ): AnalysisRun {
    return {
      apiVersion: 'slipway.dev/v1alpha1',
      kind: 'AnalysisRun',
      metadata: {
        name,
        uid: `uid-${name}`,
        labels: { 'rollouts-pod-template-hash': hash },
        creationTimestamp: `2026-01-01T00:00:0${name.slice(-1)}Z`,
      },
      spec: { metrics: [], ...(terminate ? { terminate } : {}) },
      status: { phase },
    };
  }
  const limits = settings({ analysis: { successfulRunHistoryLimit: 1, unsuccessfulRunHistoryLimit: 1 } });
  const commands = (runs: AnalysisRun[], waitedFor?: string): string[] =>
    analysisRunCommands(runs, [waitedFor], new Set(['h']), limits).map((command) =>
      command.type === 'deleteAnalysisRun' || command.type === 'terminateAnalysisRun'
        ? `${command.type} ${command.name}`
        : '',
    );

  it('that nobody waits for are stopped, once', () => {
    const runs = [run('a1', 'Running'), run('a2', 'Pending'), run('a3', 'Running', 'h', true)];
    expect(commands(runs, 'a1')).toEqual(['terminateAnalysisRun a2']);
  });

  it('are kept up to their limits, good and bad ones apart, the newest first', () => {
    const runs = [
      run('a1', 'Successful'),
      run('a3', 'Successful'),
      run('a2', 'Failed'),
      run('a4', 'Error'),
      run('a5', 'Failed'),
    ];
    expect(commands(runs, 'a5')).toEqual(['deleteAnalysisRun a1', 'deleteAnalysisRun a2']);
  });

  it('go with the version that they judged', () => {
    expect(commands([run('a1', 'Successful', 'gone')])).toEqual(['deleteAnalysisRun a1']);
  });
});
