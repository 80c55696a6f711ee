import { collectDefaultMetrics, Registry } from 'prom-client';

/** One registry per process (and per test): nothing is registered globally. */
export function createMetrics(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}
