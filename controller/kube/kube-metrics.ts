import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** The metrics of this layer. Made once per registry and handed to every part. */
export interface KubeMetrics {
  /** Labels: verb, resource (plural), code (HTTP status, or the reason of a transport failure). */
  requests: Counter<'verb' | 'resource' | 'code'>;
  /** Label: controller. Keys that wait to be worked on. */
  queueDepth: Gauge<'controller'>;
  /** Labels: controller, result (success, requeue, error). */
  reconciles: Counter<'controller' | 'result'>;
  reconcileSeconds: Histogram<'controller'>;
  /** Label: resource. Watches that ended in an error and are being tried again. */
  watchFailures: Counter<'resource'>;
  /** Label: resource. Full lists, streamed or paged; more than one per kind and start means a gap was bridged. */
  lists: Counter<'resource'>;
  /** Label: cause (overflow, rate, error). */
  eventsDropped: Counter<'cause'>;
}

/** Registers the metrics. All label values are bounded: kinds of the cluster, names of our controllers, HTTP codes. */
export function createKubeMetrics(registry: Registry): KubeMetrics {
  const registers = [registry];
  return {
    requests: new Counter({
      name: 'slipway_kube_requests_total',
      help: 'Requests to the Kubernetes API by verb, resource and code, each attempt counted',
      labelNames: ['verb', 'resource', 'code'],
      registers,
    }),
    queueDepth: new Gauge({
      name: 'slipway_queue_depth',
      help: 'Keys waiting in a work queue',
      labelNames: ['controller'],
      registers,
    }),
    reconciles: new Counter({
      name: 'slipway_reconciles_total',
      help: 'Reconciles by controller and result',
      labelNames: ['controller', 'result'],
      registers,
    }),
    reconcileSeconds: new Histogram({
      name: 'slipway_reconcile_seconds',
      help: 'Duration of reconciles',
      labelNames: ['controller'],
      buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60],
      registers,
    }),
    watchFailures: new Counter({
      name: 'slipway_kube_watch_failures_total',
      help: 'Lists and watches that failed and were tried again',
      labelNames: ['resource'],
      registers,
    }),
    lists: new Counter({
      name: 'slipway_kube_lists_total',
      help: 'Full lists taken by informers',
      labelNames: ['resource'],
      registers,
    }),
    eventsDropped: new Counter({
      name: 'slipway_events_dropped_total',
      help: 'Kubernetes Events that were not written',
      labelNames: ['cause'],
      registers,
    }),
  };
}
