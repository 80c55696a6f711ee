import { describe, expect, it } from 'vitest';
import { comparableTemplate } from './defaults.ts';
import type { PodTemplate } from './snapshot.ts';

const pod = (spec: Record<string, unknown>): PodTemplate => ({ metadata: { labels: { app: 'a' } }, spec });
const container = (fields: Record<string, unknown>): PodTemplate =>
  pod({ containers: [{ name: 'c', image: 'i:1', ...fields }] });
const same = (a: PodTemplate, b: PodTemplate): void => expect(comparableTemplate(a)).toEqual(comparableTemplate(b));
const differ = (a: PodTemplate, b: PodTemplate): void =>
  expect(comparableTemplate(a)).not.toEqual(comparableTemplate(b));

describe('templates that mean the same', () => {
  it.each<[string, PodTemplate, PodTemplate]>([
    [
      'spelled quantities',
      container({ resources: { limits: { cpu: 1, memory: '1024Mi' } } }),
      container({ resources: { limits: { cpu: '1000m', memory: '1Gi' } } }),
    ],
    [
      'the protocol of a port',
      container({ ports: [{ containerPort: 80 }] }),
      container({ ports: [{ containerPort: 80, protocol: 'TCP' }] }),
    ],
    ['an empty value', container({ env: [{ name: 'A', value: '' }] }), container({ env: [{ name: 'A' }] })],
    [
      'a probe',
      container({ readinessProbe: { httpGet: { port: 80 } } }),
      container({
        readinessProbe: {
          httpGet: { port: 80, path: '/', scheme: 'HTTP' },
          timeoutSeconds: 1,
          periodSeconds: 10,
          successThreshold: 1,
          failureThreshold: 3,
        },
      }),
    ],
    [
      'the mode of a volume',
      pod({ volumes: [{ name: 'v', configMap: { name: 'c' } }] }),
      pod({ volumes: [{ name: 'v', configMap: { name: 'c', defaultMode: 420 } }] }),
    ],
    ['a volume without source', pod({ volumes: [{ name: 'v' }] }), pod({ volumes: [{ name: 'v', emptyDir: {} }] })],
    ['the deprecated account', pod({ serviceAccountName: 's' }), pod({ serviceAccountName: 's', serviceAccount: 's' })],
    ['empty lists and nulls', pod({ tolerations: [], nodeSelector: null }), pod({})],
    [
      'a field reference',
      container({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] }),
      container({ env: [{ name: 'A', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } }] }),
    ],
    [
      'latest is always pulled',
      pod({ containers: [{ name: 'c', image: 'host:5000/i' }] }),
      pod({ containers: [{ name: 'c', image: 'host:5000/i', imagePullPolicy: 'Always' }] }),
    ],
    ['false that is written nowhere', pod({ hostNetwork: false }), pod({})],
  ])('compare equal: %s', (_what, a, b) => same(a, b));

  it.each<[string, PodTemplate, PodTemplate]>([
    ['a grace period of 0', pod({ terminationGracePeriodSeconds: 0 }), pod({})],
    [
      'privilege escalation forbidden',
      container({ securityContext: { allowPrivilegeEscalation: false } }),
      container({ securityContext: {} }),
    ],
    ['user 0', container({ securityContext: { runAsUser: 0 } }), container({ securityContext: {} })],
    ['a token that is not mounted', pod({ automountServiceAccountToken: false }), pod({})],
    [
      'memory',
      container({ resources: { limits: { memory: '1G' } } }),
      container({ resources: { limits: { memory: '1Gi' } } }),
    ],
    ['a value', container({ env: [{ name: 'A', value: '0' }] }), container({ env: [{ name: 'A', value: 'false' }] })],
  ])('compare different: %s', (_what, a, b) => differ(a, b));

  it('survive what is no template at all', () => {
    for (const spec of [
      { containers: 7 },
      { containers: [null, 'x'] },
      { volumes: {} },
      { containers: [{ resources: 3, env: [1] }] },
    ]) {
      expect(() => comparableTemplate(pod(spec))).not.toThrow();
    }
    expect(() => comparableTemplate({})).not.toThrow();
  });
});
