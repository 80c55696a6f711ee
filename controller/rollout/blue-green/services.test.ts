import { describe, expect, it } from 'vitest';
import type { ReplicaSet } from '../snapshot.ts';
import type { Pointer } from '../traffic.ts';
import { type BlueGreenServiceInput, blueGreenTargets } from './services.ts';

interface Case {
  /** Available pods; undefined: there is no such version. */
  stable?: number;
  tested?: number | undefined;
  active?: string;
  preview?: string;
  replicas?: number;
  previewReplicas?: number;
  released?: boolean;
  aborted?: boolean;
  held?: boolean;
  due?: boolean;
}

function rs(hash: string, available: number): ReplicaSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: hash, labels: { 'rollouts-pod-template-hash': hash } },
    spec: { replicas: 10, selector: {}, template: {} },
    status: { availableReplicas: available },
  };
}

const pointer = (at: string): Pointer =>
  at === 'nothing' || at === 'all' ? { at } : ({ at: 'hash', hash: at } as const);

/** `stable` and `tested` are the hashes of the two versions. */
function targets(one: Case): [string | undefined, string | undefined] {
  const { stable = 4, tested, replicas = 4, previewReplicas = replicas } = one;
  const pods: Record<string, number> = { stable, tested: tested ?? 0 };
  const input: BlueGreenServiceInput = {
    traffic: {
      active: pointer(one.active ?? 'stable'),
      preview: pointer(one.preview ?? 'stable'),
      pointsAt: () => false,
    },
    replicas,
    least: replicas === 0 ? 0 : replicas - 1,
    previewReplicas,
    stable: rs('stable', stable),
    tested: tested === undefined ? undefined : rs('tested', tested),
    released: one.released ?? false,
    aborted: one.aborted ?? false,
    held: one.held ?? false,
    due: one.due ?? false,
    available: (hash) => pods[hash] ?? 0,
  };
  const { active, preview } = blueGreenTargets(input);
  return [active, preview];
}

describe('the active Service', () => {
  it.each<[string, Case, string | undefined]>([
    ['stays before the release', { tested: 4 }, undefined],
    ['moves after it', { tested: 4, released: true }, 'tested'],
    ['waits for the last pod', { tested: 3, released: true }, undefined],
    ['stays while nothing may move on', { tested: 4, released: true, held: true }, undefined],
    ['is not taken back for that', { tested: 4, released: true, held: true, active: 'tested' }, undefined],
    ['stays with a version that loses a pod', { tested: 1, released: true, active: 'tested' }, undefined],
    ['leaves one that lost all', { tested: 0, released: true, active: 'tested' }, 'stable'],
    ['goes back on an abort', { tested: 4, aborted: true, active: 'tested' }, 'stable'],
    [
      'goes back although a tolerable pod is missing',
      { stable: 3, tested: 4, aborted: true, active: 'tested' },
      'stable',
    ],
    ['not when more are missing', { stable: 2, tested: 4, aborted: true, active: 'tested' }, undefined],
    ['unless the bad version serves no better', { stable: 2, tested: 2, aborted: true, active: 'tested' }, 'stable'],
    ['goes back from a version that is neither', { active: 'older' }, 'stable'],
    ['gets its first hash when all pods serve', { active: 'all' }, 'stable'],
    ['and not before', { stable: 3, active: 'all' }, undefined],
    ['moves without pods when none are wanted', { stable: 0, tested: 0, replicas: 0, released: true }, 'tested'],
    ['is left alone when it is not there', { tested: 4, released: true, active: 'nothing' }, undefined],
  ])('%s', (_what, one, expected) => {
    expect(targets(one)[0]).toBe(expected);
  });
});

describe('the preview Service', () => {
  it.each<[string, Case, string | undefined]>([
    ['moves when the preview is complete', { tested: 4 }, 'tested'],
    ['waits for it', { tested: 3 }, undefined],
    ['needs no more than that', { tested: 1, previewReplicas: 1 }, 'tested'],
    ['needs a pod also of a preview of none', { tested: 0, previewReplicas: 0 }, undefined],
    ['stays after an abort', { tested: 4, aborted: true, preview: 'tested' }, undefined],
    ['does not move to an aborted version', { tested: 4, aborted: true }, undefined],
    ['leaves it before its pods go', { tested: 4, aborted: true, preview: 'tested', due: true }, 'stable'],
    ['leaves a version that was overtaken', { tested: 0, preview: 'older' }, 'stable'],
    ['follows the version that serves', { preview: 'older' }, 'stable'],
    ['is served by it also with a large preview', { preview: 'older', previewReplicas: 9 }, 'stable'],
    ['gets its first hash when all pods serve', { preview: 'all', stable: 3 }, undefined],
  ])('%s', (_what, one, expected) => {
    expect(targets(one)[1]).toBe(expected);
  });
});
