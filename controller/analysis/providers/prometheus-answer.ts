import { z } from 'zod';
import type { HttpAnswer } from '../../platform/bounded-http.ts';
import { type Measured, ProviderError } from './provider.ts';

const sample = z.tuple([z.number(), z.string()]);
const success = z.object({
  status: z.literal('success'),
  data: z.object({ resultType: z.string(), result: z.unknown() }),
  warnings: z.array(z.string()).optional(),
});
const failure = z.object({ status: z.literal('error'), errorType: z.string(), error: z.string() });
const vector = z.array(z.object({ value: sample.optional(), histogram: z.unknown().optional() }));

/**
 * Reads an answer of `/api/v1/query`: a scalar is a number, a vector a list of numbers. Everything else throws ProviderError.
 *
 * @param where names the server and the query, to begin a message with
 */
export function readAnswer(answer: HttpAnswer, where: string): Measured {
  const bad = (message: string): ProviderError => new ProviderError('ProviderBadAnswer', `${where}: ${message}`);
  const { status, contentType, location, text } = answer;
  if (status >= 300 && status < 400) {
    throw bad(`answers with a redirect (${status}) to ${target(location)}; set address to where it leads`);
  }
  if (status === 401 || status === 403) {
    throw new ProviderError('ProviderUnauthorized', `${where}: access refused (${status})`);
  }
  const json = parseJson(text);
  const refused = failure.safeParse(json);
  if (refused.success) {
    const { errorType, error } = refused.data;
    const ours = errorType === 'bad_data' || errorType === 'execution';
    throw new ProviderError(
      ours ? 'ProviderBadQuery' : 'ProviderServerError',
      `${where}: ${ours ? 'the query is refused' : 'the server failed'}: ${errorType}: ${error.slice(0, 500)}`,
    );
  }
  if (status >= 500) throw new ProviderError('ProviderServerError', `${where}: the server failed (${status})`);
  const described = `${contentType === '' ? 'no content type' : contentType}, status ${status}`;
  const parsed = success.safeParse(json);
  if (status !== 200 || !parsed.success) {
    throw bad(`the answer is not one of Prometheus's API (${described}); check that address is its base URL`);
  }
  const { data, warnings = [] } = parsed.data;
  return { value: measuredValue(data.resultType, data.result, where, bad), warnings };
}

function measuredValue(
  type: string,
  result: unknown,
  where: string,
  bad: (message: string) => ProviderError,
): Measured['value'] {
  const unsupported = (message: string): ProviderError =>
    new ProviderError('ProviderResultUnsupported', `${where}: ${message}`);
  switch (type) {
    case 'scalar': {
      const parsed = sample.safeParse(result);
      if (!parsed.success) throw bad('the scalar in the answer is malformed');
      return number(parsed.data[1], bad);
    }
    case 'vector': {
      const parsed = vector.safeParse(result);
      if (!parsed.success) throw bad('the vector in the answer is malformed');
      return parsed.data.map(({ value }) => {
        if (value === undefined)
          throw unsupported('the query gives histograms; use histogram_quantile or another function');
        return number(value[1], bad);
      });
    }
    case 'matrix':
      throw unsupported('the query gives a range vector; put rate(), avg_over_time() or another function around it');
    default:
      throw unsupported(`the query gives a ${type.slice(0, 50)}; a measurement needs a scalar or an instant vector`);
  }
}

function number(text: string, bad: (message: string) => ProviderError): number {
  if (text === 'NaN') return Number.NaN;
  if (text === '+Inf' || text === 'Inf') return Number.POSITIVE_INFINITY;
  if (text === '-Inf') return Number.NEGATIVE_INFINITY;
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) throw bad(`the value "${text.slice(0, 50)}" is not a number`);
  return value;
}

function target(location: string | undefined): string {
  const url = location === undefined ? null : URL.parse(location);
  return url === null ? ((location ?? 'nowhere').split('?')[0]?.slice(0, 200) ?? '') : `${url.origin}${url.pathname}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
