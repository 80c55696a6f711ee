import { expect, it } from 'vitest';
import { argoStepHash } from './step-hash.ts';

/** Printed by ComputeStepHash of Argo Rollouts 1.10.2 for these steps. */
const GOLDEN: readonly [what: string, hash: string, steps: unknown][] = [
  ['no steps', '5ffbfbbd64', null],
  ['an empty list', '5f8cb5778f', []],
  [
    'weights and pauses',
    'f784d487',
    [{ setWeight: 10 }, { pause: {} }, { setWeight: 50 }, { pause: { duration: 10 } }, { pause: { duration: '1h' } }],
  ],
  [
    'what Go leaves out',
    '5967c7fb57',
    [
      { pause: {}, setWeight: 0 },
      { setCanaryScale: { matchTrafficWeight: true } },
      { setCanaryScale: { replicas: 0 } },
      { setCanaryScale: { weight: 25, matchTrafficWeight: false } },
    ],
  ],
  [
    'analysis',
    '6f6dd7b4dc',
    [
      {
        analysis: {
          args: [
            { valueFrom: { podTemplateHashValue: 'Latest' }, name: 'hash' },
            { name: 'ns', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
            { name: 'text', value: 'a < b & c' },
          ],
          templates: [
            { templateName: 'errors' },
            { clusterScope: true, templateName: 'latency' },
            { clusterScope: false, templateName: 'cost' },
          ],
          dryRun: [{ metricName: '.*' }],
          measurementRetention: [{ metricName: 'a', limit: 20 }],
          analysisRunMetadata: { labels: { b: '2', a: '1' } },
        },
      },
    ],
  ],
  [
    'an experiment',
    'd6d5648b6',
    [
      {
        experiment: {
          duration: '5m',
          templates: [
            {
              name: 'baseline',
              specRef: 'stable',
              weight: 5,
              metadata: { labels: { x: 'y' } },
              service: { name: 's' },
            },
            { name: 'canary', specRef: 'canary', replicas: 1, selector: { matchLabels: { a: 'b' } } },
          ],
          analyses: [
            { name: 'a', templateName: 't', requiredForCompletion: true },
            { name: 'b', templateName: 't' },
          ],
        },
      },
    ],
  ],
  [
    'routes and a plugin',
    '6dd757d456',
    [
      { setHeaderRoute: { name: 'h', match: [{ headerName: 'agent', headerValue: { regex: 'Chrome(.*)' } }] } },
      { setHeaderRoute: { name: 'h' } },
      {
        setMirrorRoute: {
          name: 'm',
          percentage: 35,
          match: [
            { path: { prefix: '/' }, method: { exact: 'GET' }, headers: { z: { exact: '1' }, a: { prefix: '2' } } },
          ],
        },
      },
      { plugin: { name: 'company/step', config: { b: [1, { c: null }], a: '\u00e9\u2028' } } },
    ],
  ],
];

it.each(GOLDEN)('the hash of %s is the one that Argo Rollouts stores', (_, hash, steps) => {
  expect(argoStepHash(steps)).toBe(hash);
});
