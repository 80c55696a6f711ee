import { Counter, type Registry } from 'prom-client';

/** What the work on Applications costs, beside its requests. */
export interface ApplicationMetrics {
  /** Folders of Git that were read and parsed because their content had changed. */
  renders: Counter;
}

/** Registers the metrics; once per registry, however often leadership is won. */
export function createApplicationMetrics(registry: Registry): ApplicationMetrics {
  return {
    renders: new Counter({
      name: 'slipway_source_renders_total',
      help: 'Folders of Git that were read and parsed because their content had changed',
      registers: [registry],
    }),
  };
}
