import { describe, expect, it } from 'vitest';
import { EPHEMERAL_METADATA_ANNOTATION } from '../api/names.ts';
import { injectedIn, podMetadataProblems, readPodMetadata, withoutInjected, withPodMetadata } from './pod-metadata.ts';
import type { PodTemplate, ReplicaSet, Service } from './snapshot.ts';

const template: PodTemplate = { metadata: { labels: { app: 'fraud', role: 'mine' } }, spec: { containers: [] } };

function replicaSet(of: { template: PodTemplate; note: string | null }): ReplicaSet {
  const annotations = of.note === null ? {} : { [EPHEMERAL_METADATA_ANNOTATION]: of.note };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'fraud-1', annotations },
    spec: { selector: {}, template: of.template },
  };
}

const plain = injectedIn(replicaSet({ template, note: null }));
const canary = readPodMetadata({ labels: { role: 'canary' }, annotations: { team: 'a' } });

describe('labels and annotations for a part in the release', () => {
  it('hide what the template has, and give it back', () => {
    const once = withPodMetadata(template, plain, canary);
    expect(once.template.metadata).toEqual({ labels: { app: 'fraud', role: 'canary' }, annotations: { team: 'a' } });
    const injected = injectedIn(replicaSet(once));
    expect(withoutInjected(once.template, injected)).toEqual(template);

    const stable = withPodMetadata(once.template, injected, readPodMetadata({ labels: { tier: 'gold' } }));
    expect(stable.template.metadata).toEqual({ labels: { app: 'fraud', role: 'mine', tier: 'gold' } });
    const nothing = withPodMetadata(stable.template, injectedIn(replicaSet(stable)), readPodMetadata(undefined));
    expect(nothing).toEqual({ template, note: null });
  });

  it('leave alone what somebody else has changed since', () => {
    const once = withPodMetadata(template, plain, canary);
    const edited = { ...once.template, metadata: { labels: { app: 'fraud', role: 'edited' } } };
    expect(withoutInjected(edited, injectedIn(replicaSet(once))).metadata?.labels).toEqual({
      app: 'fraud',
      role: 'edited',
    });
  });

  it('count as none when the note is rubbish', () => {
    for (const note of ['{', '[]', '{"labels":[],"annotations":{"a":1}}']) {
      expect(injectedIn(replicaSet({ template, note }))).toEqual(plain);
    }
  });

  it.each([
    [{ labels: { app: 'x' } }, 'labels["app"]: the pods of the Rollout are found by this label: use another'],
    [{ labels: { tier: 'x' } }, 'labels["tier"]: Service "canary" selects pods by this label: use another'],
    [{ labels: { role: 'no good' } }, 'labels["role"]: "no good" is no value of a label'],
    [{ annotations: { 'a b': '' } }, 'annotations["a b"]: is no name'],
    [{ annotations: { a: 1 } }, 'annotations["a"]: write a text'],
  ])('%j is a problem', (raw, expected) => {
    const service: Service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'canary' },
      spec: { selector: { tier: 'x' } },
    };
    const found = podMetadataProblems(raw, 'f', { matchLabels: { app: 'fraud' } }, [service]);
    expect(found.map(({ field, problem }) => `${field}: ${problem}`.replace('f.', ''))).toEqual([
      expect.stringContaining(expected),
    ]);
  });

  it('may be anything else', () => {
    const raw = { labels: { 'example.com/role': '', version: 'v1.2_3-x' }, annotations: { note: 'a b/c' } };
    expect(podMetadataProblems(raw, 'f', { matchLabels: { app: 'fraud' } }, [])).toEqual([]);
  });
});
