import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Route } from '../../test/simulate/model-cluster.ts';
import { ROUTED, rolloutSpec, Stage, template } from '../../test/simulate/stage.ts';
import type { Rollout } from '../api/generated/rollout.ts';
import { decideRollout } from './decide.ts';
import type { ReplicaSet, RolloutSnapshot, Service } from './snapshot.ts';

const STEPS = [{ setWeight: 20 }, { pause: {} }];

function paused(): Stage {
  const stage = new Stage(rolloutSpec('v1', 10, { ...ROUTED, steps: STEPS }), decideRollout);
  stage.run();
  stage.setImage('v2');
  stage.run();
  stage.takeReasons();
  return stage;
}

describe('a spec that cannot be acted on', () => {
  const remove = (kind: 'service' | 'route', name: string) => (stage: Stage) => stage.cluster.remove(kind, name);
  it.each<[string, (stage: Stage) => void, string]>([
    [
      'a missing Service',
      remove('service', 'stable'),
      'spec.strategy.canary.stableService: Service "stable" does not exist: create it or correct the name',
    ],
    [
      'a missing HTTPRoute',
      remove('route', 'route'),
      'spec.strategy.canary.trafficRouting.gatewayAPI.httpRoutes[0]: HTTPRoute "route" does not exist: create it or correct the name',
    ],
    [
      'a missing template of an analysis',
      (stage) => stage.setCanary({ steps: [...STEPS, { analysis: { templates: [{ templateName: 'none' }] } }] }),
      'spec.strategy.canary.steps[2].analysis.templates[0]: AnalysisTemplate "none" does not exist: create it or correct the name',
    ],
    [
      'a bad duration',
      (stage) => stage.setCanary({ steps: [{ pause: { duration: 'a while' } }] }),
      'spec.strategy.canary.steps[0].pause.duration: "a while" is no duration: write seconds, or for example 30s, 5m, 1h30m',
    ],
    [
      'labels that the selector does not find',
      (stage) =>
        stage.cluster.changeSpec((spec) => ({
          ...spec,
          template: { ...template('v3'), metadata: { labels: { app: 'other' } } },
        })),
      'spec.selector: does not match spec.template.metadata.labels: give the template the labels of the selector (and 2 more)',
    ],
    [
      'a Service that selects other pods',
      (stage) => {
        const service = stage.cluster.get<Service>('service', 'stable') as Service;
        stage.cluster.put('service', { ...service, spec: { selector: { ...service.spec.selector, tier: 'x' } } });
      },
      'spec.strategy.canary.stableService: Service "stable" selects tier=x, which spec.template.metadata.labels does not have',
    ],
    [
      'a Service of another Rollout',
      (stage) => {
        const service = stage.cluster.get<Service>('service', 'canary') as Service;
        const annotations = { 'slipway.dev/managed-by-rollout': 'other' };
        stage.cluster.put('service', { ...service, metadata: { ...service.metadata, annotations } });
      },
      'spec.strategy.canary.canaryService: Service "canary" is managed by Rollout "other": use another, or remove the annotation slipway.dev/managed-by-rollout',
    ],
    [
      'a surge that is none',
      (stage) => stage.setCanary({ maxSurge: 'lots' }),
      'spec.strategy.canary.maxSurge: "lots" is neither a number of pods nor a percentage such as 25%',
    ],
  ])(
    '%s is named with the remedy; what runs is left alone and goes on when it is good again',
    (_what, spoil, message) => {
      const stage = paused();
      const good = stage.cluster.rollout.spec;
      const services = stage.cluster.list<Service>('service');
      const route = stage.cluster.get<Route>('route', 'route');
      spoil(stage);
      stage.run();
      expect(stage.status).toMatchObject({ phase: 'Degraded', message: `InvalidSpec: ${message}` });
      expect(stage.takeReasons()).toContain('InvalidSpec');
      expect(stage.pods).toEqual({ v1: 10, v2: 2 });
      expect(stage.weight ?? 20).toBe(20);
      stage.cluster.changeSpec(() => good);
      for (const service of services) stage.cluster.put('service', service);
      if (route !== undefined) stage.cluster.put('route', route);
      stage.run();
      expect(stage.status).toMatchObject({ phase: 'Paused', step: '1/2' });
      expect(stage.condition('InvalidSpec')).toBeUndefined();
      stage.promote();
      expect(stage.status.phase).toBe('Healthy');
    },
  );

  it('does not keep from aborting, from going back, or from scaling', () => {
    const stage = paused();
    stage.setCanary({ steps: [{ pause: { duration: 'never' } }] });
    stage.scale(20);
    stage.run();
    expect(stage.pods).toEqual({ v1: 20, v2: 4 });
    stage.setImage('v1');
    stage.run();
    expect([stage.weight, stage.behind('canary')]).toEqual([0, 'v1']);
    const other = paused();
    other.setCanary({ steps: [{ pause: { duration: 'never' } }] });
    other.cluster.patchStatus({ abort: true });
    other.run();
    expect(other.weight).toBe(0);
  });

  it('shows what the API server says of a template, and leaves the old version alone', () => {
    const stage = paused();
    stage.setImage('V3!');
    stage.reconciler.deliverAll();
    const refused: RolloutSnapshot = { ...stage.reconciler.snapshot(), templateError: 'image is not valid' };
    const { commands, status } = decideRollout(refused, stage.cluster.now);
    expect(commands).toEqual([]);
    expect(status).toMatchObject({
      phase: 'Degraded',
      message: 'InvalidSpec: spec.template: image is not valid',
      step: '1/2',
    });
  });

  it('of a newcomer does not stop the Rollout that has the Service already', () => {
    const stage = paused();
    const shared = { ...stage.reconciler.snapshot(), serviceConflicts: [{ service: 'canary', rollout: 'newcomer' }] };
    expect(decideRollout(shared, stage.cluster.now).status.phase).toBe('Paused');
  });
});

describe('a status that nobody can have written', () => {
  it('that is lost does not promote the version under test: what serves is found by its Service', () => {
    const stage = paused();
    const { status: _, ...rollout } = stage.cluster.rollout;
    stage.cluster.put('rollout', rollout);
    stage.run();
    expect(stage.behind('stable')).toBe('v1');
    expect(stage.status).toMatchObject({ phase: 'Paused', step: '1/2' });
    expect(stage.pods).toEqual({ v1: 10, v2: 2 });
  });

  it('does not stop a decision, and the next one is good again', () => {
    const stage = paused();
    const junk = fc.anything({ maxDepth: 2 });
    const fields = Object.keys(stage.status) as (keyof NonNullable<Rollout['status']>)[];
    const spoilt = fc.dictionary(fc.constantFrom(...fields), junk, { maxKeys: 6 });
    fc.assert(
      fc.property(
        fc.oneof(
          junk,
          spoilt.map((some) => ({ ...stage.status, ...some })),
        ),
        (status) => {
          const snapshot = stage.reconciler.snapshot();
          let rollout = { ...snapshot.rollout, status } as Rollout;
          for (let look = 0; look < 3; look += 1) {
            rollout = { ...rollout, status: decideRollout({ ...snapshot, rollout }, stage.cluster.now).status };
          }
          expect(rollout.status?.phase).toMatch(/^(Healthy|Progressing|Paused|Degraded)$/);
        },
      ),
      { numRuns: 500 },
    );
  });
});

it('no spec stops a decision', () => {
  const stage = paused();
  const junk = fc.anything({ maxDepth: 3 });
  const spec = fc.oneof(
    junk,
    fc.record({
      replicas: junk,
      selector: junk,
      template: fc.oneof(junk, fc.record({ metadata: junk, spec: fc.record({ containers: junk }) })),
      model: fc.oneof(junk, fc.record({ registry: junk, name: junk, version: junk, container: junk })),
      strategy: fc.oneof(
        junk,
        fc.record({
          canary: fc.oneof(
            junk,
            fc.record({ steps: fc.oneof(junk, fc.array(fc.record({ setWeight: junk, pause: junk, analysis: junk }))) }),
            fc.record({
              steps: fc.array(fc.record({ analysis: fc.record({ templates: junk, args: junk }) })),
              canaryService: junk,
              trafficRouting: junk,
              maxSurge: junk,
            }),
          ),
        }),
      ),
      rollbackWindow: junk,
      analysis: junk,
    }),
  );
  fc.assert(
    fc.property(spec, (some) => {
      const snapshot = stage.reconciler.snapshot();
      const rollout = { ...snapshot.rollout, spec: some } as unknown as Rollout;
      expect(decideRollout({ ...snapshot, rollout }, stage.cluster.now).status.phase).toBeDefined();
    }),
    { numRuns: 1000 },
  );
});

it('a Rollout that is deleted gives its Services back and does nothing else', () => {
  const stage = paused();
  const snapshot = stage.reconciler.snapshot();
  const metadata = { ...snapshot.rollout.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' };
  const { commands, status } = decideRollout(
    { ...snapshot, rollout: { ...snapshot.rollout, metadata } },
    stage.cluster.now,
  );
  expect(commands.map((command) => command.type === 'setServiceSelector' && [command.service, command.hash])).toEqual([
    ['canary', null],
    ['stable', null],
  ]);
  expect(status).toEqual(snapshot.rollout.status);
});

it('a Service that the spec no longer names is let go', () => {
  const stage = paused();
  stage.cluster.put('service', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'preview' },
    spec: { selector: { app: 'fraud' } },
  });
  stage.setCanary({ canaryService: 'preview' });
  stage.run();
  expect([stage.behind('canary'), stage.behind('preview')]).toEqual(['all', 'v2']);
});

it('no ReplicaSet is kept beyond the history, none that anything needs is deleted', () => {
  const stage = new Stage(
    rolloutSpec('v1', 2, { ...ROUTED, steps: STEPS }, { revisionHistoryLimit: 1 }),
    decideRollout,
  );
  for (const image of ['v1', 'v2', 'v3', 'v4']) {
    stage.setImage(image);
    stage.run();
    if (stage.status.phase === 'Paused') stage.promote();
    stage.wait(31);
  }
  expect(stage.cluster.list<ReplicaSet>('replicaSet')).toHaveLength(2);
  expect(stage.pods).toEqual({ v4: 2 });
});
