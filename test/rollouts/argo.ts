import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { inject } from 'vitest';
import type { KubeObject } from '../../controller/kube/types.ts';
import { ensureAsset } from '../../e2e/cluster/assets.ts';
import { programPath } from '../../e2e/cluster/build.ts';
import { readManifests } from '../../e2e/cluster/custom-resources.ts';
import { folders } from '../../e2e/cluster/folders.ts';
import { applyCustomResourceDefinitions, kubeApi } from '../../e2e/cluster/kube-api.ts';
import { type RolloutShape, rollout } from './fixtures.ts';

const of = (kind: string) => (name: string) => ({ apiVersion: 'argoproj.io/v1alpha1', kind, name });

/** How tests name objects of the other group. */
export const ARGO_ROLLOUT = of('Rollout');
export const ARGO_RUN = of('AnalysisRun');

/** A status as the published schema has it: what a Rollout looks like to those who read the cluster. */
export interface ArgoRollout extends KubeObject {
  status?: {
    phase?: string;
    message?: string;
    observedGeneration?: string;
    currentStepIndex?: number;
    currentStepHash?: string;
    currentPodHash?: string;
    stableRS?: string;
    abort?: boolean;
    pauseConditions?: { reason: string }[];
    conditions?: { type: string; status: string; reason: string; message: string; lastUpdateTime: string }[];
    [field: string]: unknown;
  };
}

/** Installs the definitions as Argo Rollouts publishes them. */
export async function installArgoRollouts(kubeconfigPath: string): Promise<void> {
  const files = await ensureAsset('argo-rollouts', folders(), () => undefined);
  const manifests = readManifests(join(files, 'manifests', 'crds'));
  await applyCustomResourceDefinitions(
    kubeApi(kubeconfigPath),
    manifests.filter(({ kind }) => kind === 'CustomResourceDefinition'),
  );
}

/** Runs the plugin of Argo Rollouts as a person would. Returns what it said and its exit code, which tells of a bad phase. */
export async function argoPlugin(namespace: string, ...args: string[]): Promise<{ said: string; code: number }> {
  const all = ['--kubeconfig', inject('kubeconfig'), '--namespace', namespace, ...args];
  const command = programPath('kubectl-argo-rollouts', folders());
  return new Promise((resolve) => {
    execFile(command, all, { timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ said: `${stdout}${stderr}`, code: error === null ? 0 : Number(error.code ?? 255) });
    });
  });
}

/** A Rollout as {@link rollout} makes it, in the other group; its route is given to the Gateway API plugin. */
export function argoRollout(shape: RolloutShape = {}): ArgoRollout {
  const { metadata, spec } = structuredClone(rollout(shape));
  const canary: Record<string, unknown> = { ...spec.strategy.canary };
  if (canary['trafficRouting'] !== undefined) {
    canary['trafficRouting'] = { plugins: { 'argoproj-labs/gatewayAPI': { httpRoute: metadata.name } } };
  } else {
    // Argo Rollouts has them with traffic routing alone.
    delete canary['scaleDownDelaySeconds'];
    delete canary['abortScaleDownDelaySeconds'];
  }
  const strategy = spec.strategy.canary === undefined ? spec.strategy : { canary };
  return { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', metadata, spec: { ...spec, strategy } };
}

export const isArgoHealthy = (one: ArgoRollout): boolean =>
  one.status?.phase === 'Healthy' && one.status.observedGeneration === String(one.metadata.generation);

export const isArgoPausedAt =
  (step: number) =>
  (one: ArgoRollout): boolean =>
    one.status?.phase === 'Paused' &&
    one.status.currentStepIndex === step &&
    one.status.observedGeneration === String(one.metadata.generation);
