import { describe, expect, it } from 'vitest';
import type { AnalysisRun } from '../../api/generated/analysisrun.ts';
import type { Rollout } from '../../api/generated/rollout.ts';
import type { KubeObject } from '../../kube/types.ts';
import type { ReplicaSet } from '../../rollout/snapshot.ts';
import { type ExperimentView, experimentSummary } from './experiment-tree.ts';
import { type RolloutView, rolloutSummary, rolloutTree } from './rollout-tree.ts';
import { painter } from './table.ts';

const NOW = Date.UTC(2026, 0, 1, 12, 0, 0);
const plain = painter(false);

function ago(seconds: number): string {
  return new Date(NOW - seconds * 1000).toISOString();
}

function replicaSet(hash: string, revision: number, replicas: number, available: number, annotations = {}): ReplicaSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `fraud-${hash}`,
      uid: `uid-${hash}`,
      labels: { 'rollouts-pod-template-hash': hash },
      annotations: { 'slipway.dev/revision': String(revision), ...annotations },
      creationTimestamp: ago(60 * revision),
    },
    spec: { replicas, selector: {}, template: {} },
    status: { replicas, availableReplicas: available },
  };
}

function pod(name: string, owner: string, status: object): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      creationTimestamp: ago(42),
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: owner, uid: `uid-${owner}` }],
    },
    spec: { containers: [{}] },
    status,
  };
}

const rollout: Rollout = {
  apiVersion: 'slipway.dev/v1alpha1',
  kind: 'Rollout',
  metadata: { name: 'fraud', namespace: 'ml', creationTimestamp: ago(7200) },
  spec: {
    replicas: 2,
    selector: {},
    template: {},
    strategy: { canary: { steps: [{ setWeight: 10 }, { pause: {} }] } },
  },
  status: {
    phase: 'Paused',
    message: 'CanaryPauseStep',
    currentPodHash: 'new',
    stableRS: 'old',
    currentStepIndex: 1,
    replicas: 3,
    updatedReplicas: 1,
    readyReplicas: 2,
    availableReplicas: 2,
    canary: {
      weights: {
        canary: { weight: 10, podTemplateHash: 'new' },
        stable: { weight: 90, podTemplateHash: 'old' },
        verified: false,
      },
    },
    model: {
      summary: 'fraud 7 → 8',
      rejected: [{ name: 'fraud', version: '6', podTemplateHash: 'x', reason: 'error-rate 0.31', rejectedAt: ago(9) }],
    },
  },
};

const run: AnalysisRun = {
  apiVersion: 'slipway.dev/v1alpha1',
  kind: 'AnalysisRun',
  metadata: { name: 'fraud-new-2-1', annotations: { 'slipway.dev/revision': '2' }, creationTimestamp: ago(10) },
  spec: { metrics: [] },
  status: { phase: 'Running', metricResults: [{ name: 'errors', phase: 'Running', successful: 2, error: 1 }] },
};

const view: RolloutView = {
  rollout,
  replicaSets: [
    replicaSet('gone', 0, 0, 0),
    replicaSet('old', 1, 2, 2),
    replicaSet('new', 2, 1, 0, { 'slipway.dev/scale-down-deadline': new Date(NOW + 25_000).toISOString() }),
  ],
  pods: [
    pod('fraud-new-a', 'new', {
      phase: 'Pending',
      containerStatuses: [{ state: { waiting: { reason: 'ImagePullBackOff' } } }],
    }),
    pod('fraud-old-b', 'old', { phase: 'Running', containerStatuses: [{ ready: true, restartCount: 3 }] }),
    pod('fraud-old-a', 'old', { phase: 'Running', containerStatuses: [{ ready: true }] }),
  ],
  analysisRuns: [run],
  experiments: [],
};

describe('rolloutTree', () => {
  it('shows revisions newest first, with pods, analysis, weights and what waits', () => {
    expect(`\n${rolloutTree(view, NOW, plain)}`).toBe(`
NAME                    KIND         STATUS              AGE   INFO
⟳ fraud                 Rollout      ॥ Paused            120m
├──# revision:2
│  ├──⧉ fraud-new       ReplicaSet   ◌ Progressing       2m    canary,weight:10,delay:25s
│  │  └──□ fraud-new-a  Pod          ✖ ImagePullBackOff  42s   ready:0/1
│  └──α fraud-new-2-1   AnalysisRun  ◌ Running           10s   ✔ 2,⚠ 1
├──# revision:1
│  └──⧉ fraud-old       ReplicaSet   ✔ Healthy           60s   stable,weight:90
│     ├──□ fraud-old-a  Pod          ✔ Running           42s   ready:1/1
│     └──□ fraud-old-b  Pod          ✔ Running           42s   ready:1/1,restarts:3
└──# revision:0
   └──⧉ fraud-gone      ReplicaSet   • ScaledDown        0s`);
  });

  it('shows an Experiment with its pods and analyses among what belongs to its revision', () => {
    const metadata = {
      name: 'fraud-new-2-0',
      annotations: { 'slipway.dev/revision': '2' },
      creationTimestamp: ago(40),
    };
    const made = replicaSet('x', 0, 1, 1, { 'slipway.dev/experiment-template': 'a' });
    const set = { ...made, metadata: { ...made.metadata, name: 'fraud-new-2-0-a' } };
    const experiment: ExperimentView = {
      experiment: {
        apiVersion: 'slipway.dev/v1alpha1',
        kind: 'Experiment',
        metadata,
        spec: { templates: [{ name: 'a', selector: {}, template: {} }], duration: '1m' },
        status: { phase: 'Running', availableAt: ago(18), templateStatuses: [{ name: 'a', status: 'Running' }] },
      },
      replicaSets: [set],
      pods: [pod('fraud-new-2-0-a-1', 'x', { phase: 'Running', containerStatuses: [{ ready: true }] })],
      analysisRuns: [{ ...run, metadata: { ...run.metadata, name: 'fraud-new-2-0-errors' } }],
    };
    const shown = rolloutTree({ ...view, experiments: [experiment] }, NOW, plain)
      .split('\n')
      .slice(5, 9);
    expect(shown.map((line) => line.trimEnd())).toEqual([
      '│  ├──Σ fraud-new-2-0            Experiment   ◌ Running           40s   left:42s',
      '│  │  ├──⧉ fraud-new-2-0-a       ReplicaSet   ✔ Healthy           0s',
      '│  │  │  └──□ fraud-new-2-0-a-1  Pod          ✔ Running           42s   ready:1/1',
      '│  │  └──α fraud-new-2-0-errors  AnalysisRun  ◌ Running           10s   ✔ 2,⚠ 1',
    ]);
    expect(experimentSummary(experiment, NOW, plain).split('\n')).toEqual([
      'Name:            fraud-new-2-0',
      'Namespace:       default',
      'Status:          ◌ Running',
      'Duration:        1m, left:42s',
      '  a:             Running, 1 of 1 pods serve',
    ]);
  });

  it('survives objects that were never reconciled', () => {
    const bare: Rollout = { ...rollout };
    delete bare.status;
    expect(
      rolloutTree({ rollout: bare, replicaSets: [], pods: [], analysisRuns: [], experiments: [] }, NOW, plain),
    ).toContain('Progressing');
    expect(
      rolloutSummary({ rollout: bare, replicaSets: [], pods: [], analysisRuns: [], experiments: [] }, plain),
    ).toContain('Available:     0');
  });
});

describe('rolloutSummary', () => {
  it('names the field of a spec that cannot be acted on, and a ConfigMap that is missing', () => {
    const message = 'ConfigMap "app" does not exist: create it, or make the reference optional';
    const bad = 'InvalidSpec: spec.template.spec.containers[1].name: Duplicate value: "server"';
    const condition = { type: 'ConfigResolved', status: 'False' as const, reason: 'ConfigMissing', message };
    const conditions = [{ ...condition, lastTransitionTime: ago(1) }];
    const status = { ...rollout.status, phase: 'Degraded' as const, message: bad, conditions };
    const text = rolloutSummary({ ...view, rollout: { ...rollout, status } }, plain);
    expect(text).toContain(`Status:          ✖ Degraded\nMessage:         ${bad}\n`);
    expect(text).toContain(`Config:          ${message}\n`);
  });

  it('says first what an operator asks first', () => {
    const text = rolloutSummary(view, plain);
    expect(text.split('\n').slice(0, 9)).toEqual([
      'Name:            fraud',
      'Namespace:       ml',
      'Status:          ॥ Paused',
      'Message:         CanaryPauseStep',
      'Strategy:        Canary',
      '  Step:          1/2',
      '  Weight:        10 canary, 90 stable (not yet accepted by the router)',
      'Model:           fraud 7 → 8',
      'Rejected:        fraud/6: error-rate 0.31',
    ]);
  });
});

describe('a blue-green Rollout', () => {
  const status = {
    phase: 'Paused' as const,
    message: 'BlueGreenPause',
    currentPodHash: 'new',
    stableRS: 'old',
    blueGreen: { activeSelector: 'old', previewSelector: 'new' },
  };
  const strategy = { blueGreen: { activeService: 'fraud', previewService: 'fraud-preview' } };
  const blueGreen: RolloutView = { ...view, rollout: { ...rollout, spec: { ...rollout.spec, strategy }, status } };

  it('says which version is active and which is the preview', () => {
    expect(rolloutSummary(blueGreen, plain).split('\n').slice(3, 8)).toEqual([
      'Message:         BlueGreenPause',
      'Strategy:        BlueGreen',
      '  Active:        fraud (revision:1)',
      '  Preview:       fraud-preview (revision:2)',
      'Replicas:',
    ]);
    const tree = rolloutTree(blueGreen, NOW, plain);
    expect(tree).toMatch(/fraud-new {7}ReplicaSet .* preview,delay:25s/);
    expect(tree).toMatch(/fraud-old .* stable,active\n/);
  });

  it('says so after the requests moved, and before a Service has a hash', () => {
    const moved = { ...status, blueGreen: { activeSelector: 'new', previewSelector: 'new' } };
    const after = { ...blueGreen, rollout: { ...blueGreen.rollout, status: moved } };
    expect(rolloutTree(after, NOW, plain)).toMatch(/fraud-new .* active,delay:25s/);
    expect(rolloutTree(after, NOW, plain)).toMatch(/fraud-old .* stable\n/);
    const bare = { ...blueGreen, rollout: { ...blueGreen.rollout, status: {} } };
    expect(rolloutSummary(bare, plain)).toContain('  Active:        fraud (all versions)');
  });
});
