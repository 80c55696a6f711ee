import { asObject } from './plain.ts';

/** Fields of a pod spec that hold a map of quantities, and those that hold one. */
const MAPS = new Set(['limits', 'requests', 'overhead']);
const SINGLE = new Set(['sizeLimit', 'divisor']);

/** The grammar of resource.Quantity; `.5`, `5.` and exponents are allowed, a space is not. */
const QUANTITY = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+|[numkMGTPE]|[KMGTPE]i)?$/;

/**
 * Where a pod template has something that is no quantity. The API server refuses such an object without saying where:
 * it fails before it knows fields.
 */
export function badQuantities(template: unknown, path: string): { path: string; value: string }[] {
  const found: { path: string; value: string }[] = [];
  const check = (value: unknown, at: string): void => {
    const text = typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
    if (text === undefined || !QUANTITY.test(text)) found.push({ path: at, value: text ?? JSON.stringify(value) });
  };
  const walk = (value: unknown, at: string): void => {
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) walk(item, `${at}[${index}]`);
      return;
    }
    for (const [key, child] of Object.entries(asObject(value) ?? {})) {
      const here = `${at}.${key}`;
      const map = MAPS.has(key) ? asObject(child) : undefined;
      if (map !== undefined) for (const [name, quantity] of Object.entries(map)) check(quantity, `${here}.${name}`);
      else if (SINGLE.has(key) && child !== null) check(child, here);
      else walk(child, here);
    }
  };
  // Labels and annotations may be called anything.
  walk(asObject(template)?.['spec'], `${path}.spec`);
  return found;
}
