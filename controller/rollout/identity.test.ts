import { describe, expect, it } from 'vitest';
import type { Rollout } from '../api/generated/rollout.ts';
import { identifyTemplate, templateDigest } from './identity.ts';
import { newReplicaSet } from './replica-sets.ts';
import type { PodTemplate, ReplicaSet } from './snapshot.ts';

const rollout = {
  apiVersion: 'slipway.dev/v1alpha1',
  kind: 'Rollout',
  metadata: { name: 'fraud', namespace: 'ml', uid: 'u' },
  spec: { replicas: 1, selector: { matchLabels: { app: 'fraud' } }, template: {}, strategy: { canary: {} } },
} satisfies Rollout;

const template = (image: string): PodTemplate => ({
  metadata: { labels: { app: 'fraud' } },
  spec: { containers: [{ name: 'server', image }] },
});

function made(from: PodTemplate, hash: string, digest = templateDigest(from)): ReplicaSet {
  const parts = { rollout, hash, digest, revision: 1, replicas: 1, minReadySeconds: 0, identity: undefined };
  return newReplicaSet({ ...parts, template: from });
}

/** As another controller made it: no digest, and all that the API server filled in. */
function foreign(from: PodTemplate, hash: string): ReplicaSet {
  const rs = made(from, hash);
  const [container] = (from.spec?.['containers'] ?? []) as object[];
  return {
    ...rs,
    metadata: { ...rs.metadata, annotations: {} },
    spec: {
      ...rs.spec,
      template: {
        metadata: { ...rs.spec.template.metadata, creationTimestamp: null },
        spec: {
          restartPolicy: 'Always',
          terminationGracePeriodSeconds: 30,
          dnsPolicy: 'ClusterFirst',
          schedulerName: 'default-scheduler',
          securityContext: {},
          containers: [
            {
              ...container,
              imagePullPolicy: 'IfNotPresent',
              terminationMessagePath: '/dev/termination-log',
              terminationMessagePolicy: 'File',
              resources: {},
            },
          ],
        },
      },
    },
  };
}

describe('the identity of a template', () => {
  it('never changes for the same template: a change here would restart the pods of every Rollout', () => {
    expect(identifyTemplate('fraud', template('server:1'), [])).toEqual({
      state: 'new',
      hash: '8pqxjlzr5v',
      digest: 'v1:1dcd8de5e6e836fd3f0c3d33339dee7829fd83b0dc577cd1507c1bf0410f2f90',
      collisions: 0,
    });
  });

  it('never changes for a template that has everything in it', () => {
    const rich: PodTemplate = {
      metadata: { labels: { app: 'fraud', 'slipway.dev/tier': 'ä→b' }, annotations: { 'a/b': '"quoted"\n\u2028' } },
      spec: {
        containers: [
          { name: 'server', image: 'server@sha256:0', args: ['', '0', '\u00e9'], resources: { limits: { cpu: 1.5 } } },
        ],
        volumes: [{ name: 'v', emptyDir: {} }],
        terminationGracePeriodSeconds: 0,
        hostNetwork: false,
        nodeSelector: null,
      },
    };
    expect(templateDigest(rich)).toBe('v1:8bb2a91429f72f555882941f2b58c69e65c30b9a7ffbb0a9e2b5132a57442e87');
  });

  it('does not depend on the order of fields', () => {
    const one = { spec: { a: 1, b: { c: 2, d: 3 } } };
    const other = { spec: { b: { d: 3, c: 2 }, a: 1 } };
    expect(templateDigest(one)).toBe(templateDigest(other));
  });

  it('is found again by what was recorded, even when the stored template was changed by an admission webhook', () => {
    const rs = made(template('server:1'), 'abc');
    rs.spec.template = { ...rs.spec.template, spec: { ...rs.spec.template.spec, priorityClassName: 'injected' } };
    expect(identifyTemplate('fraud', template('server:1'), [rs])).toMatchObject({ state: 'exists', hash: 'abc' });
  });

  it('takes over a ReplicaSet that another controller made, by equality of the templates', () => {
    const rs = foreign(template('server:1'), '5d8f');
    expect(identifyTemplate('fraud', template('server:1'), [rs])).toMatchObject({ state: 'exists', hash: '5d8f' });
    expect(identifyTemplate('fraud', template('server:2'), [rs])).toMatchObject({ state: 'new' });
  });

  it('gets another hash when the name is taken, and keeps it', () => {
    const first = identifyTemplate('fraud', template('server:1'), []);
    const second = identifyTemplate('fraud', template('server:1'), [], [`fraud-${first.hash}`]);
    expect(second).toMatchObject({ state: 'new', collisions: 1 });
    expect(second.hash).not.toBe(first.hash);
    const rs = made(template('server:1'), second.hash);
    expect(identifyTemplate('fraud', template('server:1'), [rs])).toMatchObject({ state: 'exists', hash: second.hash });
  });

  it('gets another hash when a different template has it', () => {
    const { hash } = identifyTemplate('fraud', template('server:1'), []);
    const other = made(template('server:2'), hash);
    expect(identifyTemplate('fraud', template('server:1'), [other])).toMatchObject({ state: 'new', collisions: 1 });
  });

  it('does not find a ReplicaSet that is being deleted', () => {
    const rs = made(template('server:1'), 'abc');
    rs.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
    expect(identifyTemplate('fraud', template('server:1'), [rs])).toMatchObject({ state: 'new' });
  });
});
