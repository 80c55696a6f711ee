import { SHAPES } from '../api/generated/schemas.ts';
import type { Shape } from '../api/shape.ts';
import { asObject } from '../rollout/plain.ts';

/** Fields of the published schema that change nothing about what a release does, and are left out of account. */
const WITHOUT_EFFECT = new Set(['analysisRunMetadata', 'measurementRetention', 'ttlStrategy']);

/**
 * The first field of a spec that the published schema admits and that this controller does not serve, as
 * `path: what is wrong: what to do`. Such a spec is refused as a whole: a release without what it asks for (a router, a
 * header route, a dry run) would be another one.
 */
export function unservedField(kind: string, spec: unknown): string | undefined {
  const shape = Object.hasOwn(SHAPES, kind) ? SHAPES[kind]?.spec : undefined;
  const path = shape && unknownField(shape, spec, 'spec');
  return path === undefined ? undefined : `${path}: is not served by this controller: remove it`;
}

function unknownField(shape: Shape, value: unknown, path: string): string | undefined {
  if (Array.isArray(value)) {
    const items = value.map((item, index) => unknownField(shape.items ?? {}, item, `${path}[${index}]`));
    return items.find((found) => found !== undefined);
  }
  const { properties, additionalProperties } = shape;
  // Without properties anything may stand there, for example a pod template.
  if (properties === undefined && additionalProperties === undefined) return undefined;
  for (const [name, child] of Object.entries(asObject(value) ?? {})) {
    if (child === undefined || child === null || WITHOUT_EFFECT.has(name)) continue;
    const known = properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
    const found = known === undefined ? `${path}.${name}` : unknownField(known, child, `${path}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
