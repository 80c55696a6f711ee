/** The shape of a value: the part of a structural OpenAPI schema that says what types there are. */
export interface Shape {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
  readonly additionalProperties?: Shape;
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly 'x-kubernetes-int-or-string'?: boolean;
}

/** The shapes of one kind; one without status has none. */
export interface ObjectShape {
  readonly spec: Shape;
  readonly status?: Shape;
}

/**
 * The first thing in a value that its shape does not admit, as `path: what is wrong: what to do`; undefined when all of it
 * fits. A field that the shape does not know is no concern: the API server drops those.
 *
 * @param path how messages name the value, for example `spec`
 */
export function misfit(shape: Shape, value: unknown, path: string): string | undefined {
  const wrong = misfitItself(shape, value);
  if (wrong !== undefined) return `${path}: ${wrong}`;
  if (Array.isArray(value)) {
    return first(value.entries(), ([index, item]) => misfit(shape.items ?? {}, item, `${path}[${index}]`));
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const missing = shape.required?.find((name) => isAbsent((value as Record<string, unknown>)[name]));
  if (missing !== undefined) return `${path}.${missing}: is missing: set it`;
  return first(Object.entries(value), ([name, child]) => {
    const known = shapeOfField(shape, name);
    return known === undefined || isAbsent(child) ? undefined : misfit(known, child, `${path}.${name}`);
  });
}

/**
 * The value without what its shape does not admit, and without what is incomplete because of that; undefined when nothing
 * is left. The very same value when all of it fits.
 */
export function fitting(shape: Shape, value: unknown): unknown {
  if (misfitItself(shape, value) !== undefined) return undefined;
  if (Array.isArray(value)) {
    const items = value.map((item) => fitting(shape.items ?? {}, item)).filter((item) => item !== undefined);
    return isSame(items, value) ? value : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).flatMap(([name, child]): [string, unknown][] => {
    const known = shapeOfField(shape, name);
    const fits = known === undefined ? child : fitting(known, child);
    return fits === undefined ? [] : [[name, fits]];
  });
  const result = isSame(kept.flat(), Object.entries(value).flat()) ? value : Object.fromEntries(kept);
  return shape.required?.some((name) => isAbsent((result as Record<string, unknown>)[name])) ? undefined : result;
}

/** What is wrong with a value, not looking into it. */
function misfitItself(shape: Shape, value: unknown): string | undefined {
  if (isAbsent(value)) return 'is missing: set it';
  const { type, minimum = -Infinity, maximum = Infinity } = shape;
  const is = typeName(value);
  const must = (what: string): string => `is ${is}, must be ${what}: correct it`;
  if (shape['x-kubernetes-int-or-string'])
    return /^(a string|an integer)$/.test(is) ? undefined : must('an integer or a string');
  const integer = is === 'an integer';
  if (type === 'number' ? !integer && is !== 'a number' : type !== undefined && is !== NAMES[type]) {
    return must(NAMES[type ?? ''] ?? 'something else');
  }
  if (shape.enum !== undefined && !shape.enum.includes(value as string))
    return `must be one of ${shape.enum.join(', ')}: correct it`;
  if (typeof value !== 'number') return undefined;
  if (value < minimum) return `must be at least ${minimum}: correct it`;
  return value > maximum ? `must be at most ${maximum}: correct it` : undefined;
}

const NAMES: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'a boolean',
  integer: 'an integer',
  number: 'a number',
  object: 'an object',
  string: 'a string',
};

function typeName(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (Number.isInteger(value)) return 'an integer';
  return NAMES[typeof value] ?? 'something else';
}

function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

function isAbsent(value: unknown): boolean {
  // Without `nullable` a null means what absence means.
  return value === undefined || value === null;
}

function shapeOfField(shape: Shape, name: string): Shape | undefined {
  const { properties } = shape;
  return properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : shape.additionalProperties;
}

function first<T, R>(items: Iterable<T>, find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
