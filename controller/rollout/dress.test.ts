import { describe, expect, it } from 'vitest';
import { blueGreenSpec, imageOf, ROUTED, rolloutSpec, Stage } from '../../test/simulate/stage.ts';
import { POD_TEMPLATE_HASH_LABEL, PODS_TO_UPDATE_ANNOTATION, TEMPLATE_DIGEST_ANNOTATION } from '../api/names.ts';
import { decideRollout } from './decide.ts';
import { undressed } from './dress.ts';
import { identifyTemplate } from './identity.ts';
import type { PodTemplate, ReplicaSet } from './snapshot.ts';

const STABLE = { labels: { role: 'stable', tier: 'gold' } };
const TESTED = { labels: { role: 'canary' }, annotations: { why: 'test' } };
const APART = { antiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: {} } };
const STEPS = { steps: [{ setWeight: 50 }, { pause: {} }] };

function serving(canary: object, replicas = 4): Stage {
  const stage = new Stage(rolloutSpec('v1', replicas, { ...ROUTED, ...STEPS, ...canary }), decideRollout);
  stage.run();
  return stage;
}

const setOf = (stage: Stage, image: string): ReplicaSet =>
  stage.cluster.list<ReplicaSet>('replicaSet').find((rs) => imageOf(rs) === image) as ReplicaSet;

/** Labels (without those of the template) and annotations of the pods of a version, and the names of the pods. */
function podsOf(stage: Stage, image: string) {
  const pods = stage.world.pods(setOf(stage, image).metadata.name);
  const parts = pods.map(({ metadata: { labels, annotations } }) => {
    const { app: _, [POD_TEMPLATE_HASH_LABEL]: __, ...rest } = labels;
    return JSON.stringify({ ...rest, ...annotations });
  });
  return { are: [...new Set(parts)].map((text) => JSON.parse(text)), names: pods.map(({ name }) => name) };
}

describe('metadata for the part in the release', () => {
  it('is on the pods of both versions, and moves on without making a pod anew', () => {
    const stage = serving({ stableMetadata: STABLE, canaryMetadata: TESTED });
    expect(podsOf(stage, 'v1').are).toEqual([STABLE.labels]);
    stage.setImage('v2');
    stage.run();
    const tested = podsOf(stage, 'v2');
    expect(tested.are).toEqual([{ role: 'canary', why: 'test' }]);

    stage.promote();
    const promoted = podsOf(stage, 'v2');
    expect(promoted.are).toEqual([STABLE.labels]);
    expect(promoted.names).toEqual(expect.arrayContaining(tested.names));
    // It waits for the end of its delay, and is no part of anything.
    expect(podsOf(stage, 'v1').are).toEqual([{}]);
    expect(setOf(stage, 'v2').metadata.annotations?.[PODS_TO_UPDATE_ANNOTATION]).toBeUndefined();
  });

  it('follows the spec, also for pods that are there', () => {
    const stage = serving({ stableMetadata: STABLE });
    const before = podsOf(stage, 'v1').names;
    stage.setCanary({ stableMetadata: { labels: { role: 'serves' } } });
    stage.run();
    expect(podsOf(stage, 'v1')).toEqual({ are: [{ role: 'serves' }], names: before });
    stage.setCanary({ stableMetadata: {} });
    stage.run();
    expect(podsOf(stage, 'v1')).toEqual({ are: [{}], names: before });
  });

  it('reaches a pod that the ReplicaSet controller made of the template before', () => {
    const stage = serving({ stableMetadata: STABLE });
    const [gone = ''] = podsOf(stage, 'v1').names;
    stage.setCanary({ stableMetadata: { labels: { role: 'serves' } } });
    stage.decide();
    // In its stead comes one from a controller that has not heard of the change yet.
    stage.cluster.onEvict(gone);
    stage.run();
    expect(podsOf(stage, 'v1').names).not.toContain(gone);
    expect(podsOf(stage, 'v1').are).toEqual([{ role: 'serves' }]);
  });

  it('of a blue-green Rollout moves with the requests', () => {
    const change = { autoPromotionEnabled: false, activeMetadata: STABLE, previewMetadata: TESTED };
    const stage = new Stage(blueGreenSpec('v1', 2, change), decideRollout);
    stage.run();
    stage.setImage('v2');
    stage.run();
    expect([podsOf(stage, 'v1').are, podsOf(stage, 'v2').are]).toEqual([
      [STABLE.labels],
      [{ role: 'canary', why: 'test' }],
    ]);
    stage.promote();
    expect([podsOf(stage, 'v1').are, podsOf(stage, 'v2').are]).toEqual([[{}], [STABLE.labels]]);
  });

  it('that the API server would refuse is said of the field, and nothing is touched', () => {
    const stage = serving({ stableMetadata: STABLE });
    stage.setCanary({ canaryMetadata: { labels: { app: 'other' } } });
    stage.run();
    expect(stage.condition('InvalidSpec')?.message).toContain('spec.strategy.canary.canaryMetadata.labels["app"]');
    expect(podsOf(stage, 'v1').are).toEqual([STABLE.labels]);
  });
});

describe('anti-affinity', () => {
  const rule = (rs: ReplicaSet): string => JSON.stringify(rs.spec.template.spec?.['affinity'] ?? null);

  it('keeps the new version away from the one that serves', () => {
    const stage = serving(APART);
    stage.setImage('v2');
    stage.run();
    const stable = setOf(stage, 'v1').metadata.labels?.[POD_TEMPLATE_HASH_LABEL];
    expect([rule(setOf(stage, 'v1')), rule(setOf(stage, 'v2'))]).toEqual([
      'null',
      expect.stringContaining(`${stable}`),
    ]);
    // The pods go back to nodes of what serves now, not of what served when they were made.
    stage.promote();
    stage.wait(60);
    stage.setImage('v1');
    stage.run();
    const now = setOf(stage, 'v2').metadata.labels?.[POD_TEMPLATE_HASH_LABEL];
    expect(rule(setOf(stage, 'v1'))).toContain(`${now}`);
  });

  it('goes with the field', () => {
    const stage = serving(APART);
    stage.setImage('v2');
    stage.run();
    stage.cluster.changeSpec((spec) => ({ ...spec, strategy: { canary: { ...ROUTED, ...STEPS } } }));
    stage.run();
    expect(rule(setOf(stage, 'v2'))).not.toContain('hash');
  });
});

describe('the identity of a version', () => {
  it('is not changed by its part in the release', () => {
    const hashes = [{}, { canaryMetadata: TESTED, ...APART }].map((canary) => {
      const stage = serving(canary);
      stage.setImage('v2');
      stage.run();
      return stage.status.currentPodHash;
    });
    expect(hashes[0]).toBe(hashes[1]);
  });

  it('is found again without what was added, by digest and by equality', () => {
    const stage = serving({ canaryMetadata: TESTED, ...APART });
    stage.setImage('v2');
    stage.run();
    const rs = setOf(stage, 'v2');
    const wanted = stage.cluster.rollout.spec.template as PodTemplate;
    const { [TEMPLATE_DIGEST_ANNOTATION]: _, ...annotations } = rs.metadata.annotations ?? {};
    const foreign = { ...rs, metadata: { ...rs.metadata, annotations } };
    expect(identifyTemplate('fraud', wanted, [foreign]).state).toBe('exists');
    expect(undressed(rs).spec).toEqual(wanted.spec);
  });
});
