import type { RolloutStatusModelCurrent } from '../api/generated/rollout.ts';
import { MODEL_ANNOTATION, MODEL_URI_ANNOTATION, POD_TEMPLATE_HASH_LABEL } from '../api/names.ts';
import { onceByIdentity } from './memo.ts';
import { asList, asObject, asText, type Json } from './plain.ts';
import type { PodTemplate } from './snapshot.ts';

const MODEL_ENV = ['MODEL_NAME', 'MODEL_VERSION', 'MODEL_URI'] as const;

/** The template that pods are made of, or the field that stands in the way. */
export type EffectiveTemplate = { template: PodTemplate } | { field: string; problem: string };

/**
 * The user's template with the resolved model version in it: MODEL_NAME, MODEL_VERSION and MODEL_URI in the environment of
 * one container (the first unless `container` names one) and the annotations slipway.dev/model and model-uri. It is what
 * gets hashed, so a new version of the model is a new revision. The variables stand first, so that others can refer to
 * them, and replace those of the same name.
 */
export function effectiveTemplate(
  template: PodTemplate,
  model: RolloutStatusModelCurrent,
  container?: string,
): EffectiveTemplate {
  const last = lastEffective(template);
  const asked = JSON.stringify([container, model.name, model.version, model.uri]);
  if (last.asked !== asked) Object.assign(last, { asked, result: inject(template, model, container) });
  return last.result;
}

/** The newest answer for a template: the same object for the same question, so that its hash is not taken again. */
const lastEffective = onceByIdentity((_: PodTemplate) => ({
  asked: '',
  result: { field: '', problem: '' } as EffectiveTemplate,
}));

function inject(template: PodTemplate, model: RolloutStatusModelCurrent, container?: string): EffectiveTemplate {
  const containers = asList(template.spec?.['containers']);
  const index = container === undefined ? 0 : containers.findIndex((c) => asObject(c)?.['name'] === container);
  const target = asObject(containers[index]);
  if (target === undefined) {
    return container === undefined
      ? { field: 'spec.template.spec.containers', problem: 'the template has no container to give the model to' }
      : { field: 'spec.model.container', problem: `the template has no container "${container}"` };
  }
  const values = [model.name, model.version, model.uri];
  const injected = MODEL_ENV.flatMap((name, i) => (values[i] === undefined ? [] : [{ name, value: values[i] }]));
  const own = asList(target['env']).filter((variable) => !isModelVariable(variable));
  const annotations = {
    ...template.metadata?.annotations,
    [MODEL_ANNOTATION]: `${model.name}/${model.version}`,
    ...(model.uri === undefined ? {} : { [MODEL_URI_ANNOTATION]: model.uri }),
  };
  return {
    template: {
      ...template,
      metadata: { ...template.metadata, annotations },
      spec: {
        ...template.spec,
        containers: containers.map((c, i) => (i === index ? { ...target, env: [...injected, ...own] } : c)),
      },
    },
  };
}

/**
 * The inverse: the template as a user writes it, from that of a ReplicaSet, and the model version that was in it. Undo
 * needs it, since what was injected must not come back as the user's own.
 */
export function userTemplate(effective: PodTemplate): {
  template: PodTemplate;
  model?: { name: string; version: string };
} {
  const bare = withoutHash(effective);
  const annotations = { ...bare.metadata?.annotations };
  if (annotations[MODEL_ANNOTATION] === undefined) return { template: bare };
  delete annotations[MODEL_ANNOTATION];
  delete annotations[MODEL_URI_ANNOTATION];
  const { annotations: _, ...metadata } = bare.metadata ?? {};
  const containers = asList(bare.spec?.['containers']);
  const index = containers.findIndex((c) => asList(asObject(c)?.['env']).some(isModelVariable));
  const values = asList(asObject(containers[index])?.['env']);
  const valueIn = (name: string): string | undefined =>
    asText(asObject(values.find((variable) => asObject(variable)?.['name'] === name))?.['value']);
  const [name, version] = [valueIn('MODEL_NAME'), valueIn('MODEL_VERSION')];
  const template: PodTemplate = {
    ...bare,
    metadata: { ...metadata, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) },
    spec: { ...bare.spec, containers: containers.map((c, i) => (i === index ? withoutModelVariables(c) : c)) },
  };
  return name === undefined || version === undefined ? { template } : { template, model: { name, version } };
}

/** The template without the label that marks the pods of one ReplicaSet. */
export function withoutHash(template: PodTemplate): PodTemplate {
  return withoutLabel(template, POD_TEMPLATE_HASH_LABEL);
}

/** The template without one label; the same object when it has none. */
export function withoutLabel(template: PodTemplate, label: string): PodTemplate {
  if (template.metadata?.labels?.[label] === undefined) return template;
  const { [label]: _, ...labels } = template.metadata.labels;
  return { ...template, metadata: { ...template.metadata, labels } };
}

function isModelVariable(variable: unknown): boolean {
  const name = asObject(variable)?.['name'];
  return MODEL_ENV.some((one) => one === name);
}

function withoutModelVariables(container: unknown): Json {
  const { env, ...rest } = asObject(container) ?? {};
  const own = asList(env).filter((variable) => !isModelVariable(variable));
  return own.length > 0 ? { ...rest, env: own } : rest;
}
