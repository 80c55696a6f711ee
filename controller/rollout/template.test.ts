import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PodTemplate } from './snapshot.ts';
import { effectiveTemplate, userTemplate } from './template.ts';

const FRAUD_8 = { registry: 'ModelRegistry/mlflow', name: 'fraud', version: '8', uri: 's3://models/8' };

function pods(...containers: Record<string, unknown>[]): PodTemplate {
  return { metadata: { labels: { app: 'fraud' } }, spec: { containers } };
}

describe('the model in the template', () => {
  it('is in the environment of the first container, before the variables that may refer to it, and in annotations', () => {
    const own = [{ name: 'WARMUP', value: '$(MODEL_NAME)' }];
    expect(effectiveTemplate(pods({ name: 'server', env: own }, { name: 'proxy' }), FRAUD_8)).toEqual({
      template: {
        metadata: {
          labels: { app: 'fraud' },
          annotations: { 'slipway.dev/model': 'fraud/8', 'slipway.dev/model-uri': 's3://models/8' },
        },
        spec: {
          containers: [
            {
              name: 'server',
              env: [
                { name: 'MODEL_NAME', value: 'fraud' },
                { name: 'MODEL_VERSION', value: '8' },
                { name: 'MODEL_URI', value: 's3://models/8' },
                ...own,
              ],
            },
            { name: 'proxy' },
          ],
        },
      },
    });
  });

  it('goes to the container that is named, and replaces what had its name', () => {
    const server = { name: 'server', env: [{ name: 'MODEL_VERSION', value: '1' }] };
    const result = effectiveTemplate(pods({ name: 'proxy' }, server), FRAUD_8, 'server');
    const containers = 'template' in result ? (result.template.spec?.['containers'] as { env?: object[] }[]) : [];
    expect(containers[0]).toEqual({ name: 'proxy' });
    expect(containers[1]?.env).toHaveLength(3);
  });

  it('names the field when the container does not exist', () => {
    expect(effectiveTemplate(pods({ name: 'a' }), FRAUD_8, 'b')).toEqual({
      field: 'spec.model.container',
      problem: 'the template has no container "b"',
    });
    expect(effectiveTemplate({ spec: { containers: 'none' } }, FRAUD_8)).toMatchObject({
      field: 'spec.template.spec.containers',
    });
  });

  it('can be taken out again, whatever else the user wrote', () => {
    const env = fc.array(fc.record({ name: fc.stringMatching(/^[A-Z]{1,8}$/), value: fc.string() }), {
      minLength: 1,
      maxLength: 3,
    });
    const container = fc.record({ name: fc.string(), image: fc.string(), env }, { requiredKeys: ['name'] });
    const labels = fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.string(), { maxKeys: 2 });
    const annotations = fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.string(), { minKeys: 1, maxKeys: 2 });
    const metadata = fc.record({ labels, annotations }, { requiredKeys: ['labels'] });
    const template = fc.record({
      metadata,
      spec: fc.record({ containers: fc.array(container, { minLength: 1, maxLength: 3 }) }),
    });
    const name = fc.stringMatching(/^[a-z/]{1,12}$/);
    fc.assert(
      fc.property(template, name, fc.option(fc.string()), (user, model, uri) => {
        const identity = { registry: 'r', name: model, version: '3', ...(uri === null ? {} : { uri }) };
        const effective = effectiveTemplate(user as PodTemplate, identity);
        if (!('template' in effective)) throw new Error(effective.problem);
        const hashed = { ...effective.template.metadata?.labels, 'rollouts-pod-template-hash': 'x' };
        const running = { ...effective.template, metadata: { ...effective.template.metadata, labels: hashed } };
        expect(userTemplate(running)).toEqual({ template: user, model: { name: model, version: '3' } });
      }),
    );
  });

  it('is not looked for in a template without a model', () => {
    const template = pods({ name: 'server', env: [{ name: 'MODEL_NAME', value: 'mine' }] });
    expect(userTemplate(template)).toEqual({ template });
  });
});
