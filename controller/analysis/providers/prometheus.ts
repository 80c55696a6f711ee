import { Agent, type Dispatcher } from 'undici';
import type { AnalysisRunSpecMetricProviderPrometheus as PrometheusSpec } from '../../api/generated/analysisrun.ts';
import { askHttp, HttpFailure, shownUrl } from '../../platform/bounded-http.ts';
import type { Clock } from '../../platform/clock.ts';
import { readAnswer } from './prometheus-answer.ts';
import { type MetricProvider, ProviderError } from './provider.ts';

const DEFAULT_TIMEOUT_SECONDS = 30;
/** About 50,000 series. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
/** Characters of a query that a message repeats. */
const SHOWN_QUERY = 200;

/** Measures by instant queries to Prometheus, or to anything that speaks its HTTP API (Thanos, Mimir, VictoriaMetrics). */
export function createPrometheusProvider({
  clock,
  dispatcher = new Agent({ connections: 8, keepAliveTimeout: 15_000 }),
}: {
  clock: Clock;
  dispatcher?: Dispatcher;
}): MetricProvider<PrometheusSpec> {
  return {
    destination: (spec) => URL.parse(spec.address)?.origin ?? spec.address,
    async measure(spec, signal) {
      const base = baseUrl(spec.address);
      const url = new URL(base);
      url.pathname = `${url.pathname.replace(/\/+$/, '')}/api/v1/query`;
      const query = spec.query.replaceAll(/\s+/g, ' ').trim();
      const shown = query.length > SHOWN_QUERY ? `${query.slice(0, SHOWN_QUERY)}…` : query;
      const where = `Prometheus at ${shownUrl(base)}, query ${shown}`;
      const timeoutMs = (spec.timeout ?? DEFAULT_TIMEOUT_SECONDS) * 1000;
      try {
        const answer = await askHttp(
          {
            method: 'POST',
            url,
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
            // The server stops evaluating when nobody waits any more.
            body: new URLSearchParams({ query: spec.query, timeout: `${timeoutMs}ms` }).toString(),
            timeoutMs,
            maxBytes: MAX_ANSWER_BYTES,
          },
          { clock, dispatcher, signal },
        );
        return readAnswer(answer, where);
      } catch (error) {
        if (!(error instanceof HttpFailure)) throw error;
        switch (error.kind) {
          case 'unreachable':
            throw new ProviderError('ProviderUnreachable', `${where}: cannot be reached: ${error.message}`, error);
          case 'timeout':
            throw new ProviderError('ProviderTimeout', `${where}: ${error.message}`, error);
          case 'too large':
            throw new ProviderError('ProviderBadAnswer', `${where}: ${error.message}; aggregate in the query`, error);
        }
      }
    },
    close: () => dispatcher.close(),
  };
}

function baseUrl(address: string): URL {
  const url = URL.parse(address);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    // Not shown: what is no URL may hold a credential anywhere.
    throw new ProviderError(
      'ProviderAddressInvalid',
      'provider.prometheus.address is not an http or https URL; write for example http://prometheus.monitoring:9090',
    );
  }
  return url;
}
