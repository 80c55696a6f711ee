import type { Kind, Stored, Writer } from './model-cluster.ts';
import { Unsafe } from './unsafe.ts';

/**
 * Watches who writes which field. People may write any; of controllers each field has one, or two would undo each other's
 * writes for ever. Returns what is to be told of every write.
 */
export function fieldWriters(): (kind: Kind, before: Stored | undefined, after: Stored, writer: Writer) => void {
  const owners = new Map<string, Writer>();
  return (kind, before, after, writer) => {
    if (writer === 'person' || before === undefined) return;
    for (const field of changed(before, after)) {
      const name = `${kind} ${field}`;
      const owner: Writer = owners.get(name) ?? writer;
      owners.set(name, writer);
      if (owner !== writer) throw new Unsafe(`${name} is written by the ${owner} and by the ${writer}`);
    }
  };
}

/** Members of spec and status, labels and annotations that differ; objects are never changed in place. */
function changed(before: Stored, after: Stored): string[] {
  const fields: string[] = [];
  const compare = (prefix: string, old: unknown, now: unknown): void => {
    if (old === now) return;
    const [a, b] = [(old ?? {}) as Record<string, unknown>, (now ?? {}) as Record<string, unknown>];
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) if (a[key] !== b[key]) fields.push(prefix + key);
  };
  const parts = (object: Stored) => object as unknown as Record<'spec' | 'status', unknown>;
  compare('spec.', parts(before).spec, parts(after).spec);
  compare('status.', parts(before).status, parts(after).status);
  // A route has no controllers for the parts of its status: what is written is pending.
  const { accepted: _, metadata: __, ...own } = after as unknown as Record<string, unknown>;
  for (const key of Object.keys(own)) {
    if (typeof own[key] === 'number' && own[key] !== (before as unknown as Record<string, unknown>)[key])
      fields.push(key);
  }
  compare('annotation ', before.metadata.annotations, after.metadata.annotations);
  compare('label ', before.metadata.labels, after.metadata.labels);
  return fields;
}
