import { SlipwayError } from '../../platform/errors.ts';
import type { MeasuredValue } from '../judge.ts';

/** What a provider answered. */
export interface Measured {
  value: MeasuredValue;
  /** What the provider says about its own answer, for example that a part of the data could not be read. */
  warnings: readonly string[];
}

/** Asks for one measurement; throws ProviderError, or the reason of the signal when that aborts. */
export interface MetricProvider<Spec> {
  measure(spec: Spec, signal?: AbortSignal): Promise<Measured>;
  /** Who is asked: measurements of one destination share a limit of concurrency. */
  destination(spec: Spec): string;
  close(): Promise<void>;
}

export type ProviderErrorCode =
  | 'ProviderAddressInvalid'
  | 'ProviderUnreachable'
  | 'ProviderTimeout'
  | 'ProviderUnauthorized'
  | 'ProviderBadQuery'
  | 'ProviderServerError'
  | 'ProviderBadAnswer'
  | 'ProviderResultUnsupported';

/** A measurement could not be taken; the message names the server, the query and the remedy, never a credential. */
export class ProviderError extends SlipwayError {
  declare readonly code: ProviderErrorCode;

  constructor(code: ProviderErrorCode, message: string, cause?: unknown) {
    const mayPass = code === 'ProviderUnreachable' || code === 'ProviderTimeout' || code === 'ProviderServerError';
    super(code, message, { cause, retryable: mayPass });
  }
}
