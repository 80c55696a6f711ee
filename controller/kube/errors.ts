import { SlipwayError } from '../platform/errors.ts';
import { type ImmutableField, immutableFields } from './immutable.ts';
import { secretRefusal } from './secret-refusal.ts';

/** One entry of `details.causes` in a Status: the field that was refused and why. */
export interface StatusCause {
  reason: string;
  message: string;
  field: string;
}

export interface KubeErrorFields {
  /** HTTP status of the answer, 0 when there was none. */
  status: number;
  /** The reason of the Status (`NotFound`, `Conflict`, …), or of the transport (`ConnectionRefused`, `Timeout`, `Tls`, …). */
  reason: string;
  causes?: readonly StatusCause[];
  immutable?: readonly ImmutableField[];
  retryable: boolean;
  /** How long the server asked to wait, in milliseconds. */
  retryAfterMs?: number | undefined;
  cause?: unknown;
}

/** A request to the Kubernetes API that did not succeed. Callers decide by the predicates below, never by message. */
export class KubeError extends SlipwayError {
  readonly status: number;
  readonly reason: string;
  readonly causes: readonly StatusCause[];
  /** The fields that were refused since they cannot be changed, if that is the only cause. */
  readonly immutable: readonly ImmutableField[];
  readonly retryAfterMs: number | undefined;

  constructor(code: string, message: string, fields: KubeErrorFields) {
    super(code, message, { retryable: fields.retryable, cause: fields.cause });
    this.status = fields.status;
    this.reason = fields.reason;
    this.causes = fields.causes ?? [];
    this.immutable = fields.immutable ?? [];
    this.retryAfterMs = fields.retryAfterMs;
  }
}

/** The codes of this layer; docs/reference/errors.md says what to do about each. */
export type KubeErrorCode =
  | 'KubeNotFound'
  | 'KubeConflict'
  | 'KubeAlreadyExists'
  | 'KubeInvalid'
  | 'KubeForbidden'
  | 'KubeUnauthorized'
  | 'KubeGone'
  | 'KubeTooManyRequests'
  | 'KubeServerError'
  | 'KubeRequestFailed'
  | 'KubeUnreachable'
  | 'KubeTimeout'
  | 'KubeTls'
  | 'KubeDiscoveryIncomplete';

const CODES: Record<string, KubeErrorCode> = {
  NotFound: 'KubeNotFound',
  KindNotServed: 'KubeNotFound',
  Conflict: 'KubeConflict',
  AlreadyExists: 'KubeAlreadyExists',
  Invalid: 'KubeInvalid',
  Forbidden: 'KubeForbidden',
  Unauthorized: 'KubeUnauthorized',
  Gone: 'KubeGone',
  Expired: 'KubeGone',
  TooManyRequests: 'KubeTooManyRequests',
};

/** Reasons for answers whose body is no Status, for example from a proxy on the way. */
const REASON_BY_STATUS: Record<number, string> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Gone',
  422: 'Invalid',
  429: 'TooManyRequests',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

/** The API server's answer for a path it does not know is bare text, in the words of its HTTP library. */
const NO_SUCH_KIND = 'the cluster does not serve this kind (is its CustomResourceDefinition installed?)';

const MAX_MESSAGE = 2048;

/** An unknown field or a wrong type; a quantity that is none, or text that is no base64. */
const SCHEMA_ERROR = /failed to create typed patch object|failed to convert new object|field not declared in schema/;

/** What was asked, for the message: `apply deployments prod/web`. */
export interface RequestSubject {
  verb: string;
  resource: string;
  key: string;
}

/**
 * Builds the error for a non-2xx answer. `body` is the parsed JSON, or the text when it was none.
 *
 * Server-side apply answers HTTP 500 for an object with a field its schema does not know, or with a value of another type.
 * That is the user's mistake and stays one, so it is not retryable and counts as Invalid.
 */
export function errorFromAnswer(
  subject: RequestSubject,
  status: number,
  body: unknown,
  retryAfterMs?: number,
): KubeError {
  const parsed = parseStatus(body);
  const schemaError = status === 500 && SCHEMA_ERROR.test(parsed.message);
  const reason = schemaError ? 'Invalid' : parsed.reason || REASON_BY_STATUS[status] || 'InternalError';
  const hidden = subject.resource === 'secrets' ? secretRefusal(status, parsed) : undefined;
  const text = hidden ?? (parsed.message || `HTTP ${status}`);
  const immutable = immutableFields(status, parsed.causes, parsed.message);
  return new KubeError(
    CODES[reason] ?? (status >= 500 ? 'KubeServerError' : 'KubeRequestFailed'),
    oneLine(subject, text),
    {
      status,
      reason,
      causes: hidden === undefined ? parsed.causes : parsed.causes.map((c) => ({ ...c, message: '***' })),
      immutable: subject.resource === 'secrets' ? immutable.map(({ field }) => ({ field, why: '' })) : immutable,
      retryable: !schemaError && isRetryableStatus(status, reason),
      retryAfterMs: retryAfterMs ?? parsed.retryAfterMs,
    },
  );
}

/** Builds the error for a request that got no answer: connection refused or reset, name not found, TLS, timeout. */
export function errorFromTransport(subject: RequestSubject, error: unknown): KubeError {
  const code = transportCode(error);
  const reason = transportReason(code, error);
  const text =
    reason === 'Timeout' ? 'no answer in time' : `${messageOfTransport(error)}${code === '' ? '' : ` (${code})`}`;
  const kind: KubeErrorCode = reason === 'Timeout' ? 'KubeTimeout' : reason === 'Tls' ? 'KubeTls' : 'KubeUnreachable';
  return new KubeError(kind, oneLine(subject, text), { status: 0, reason, retryable: true, cause: error });
}

export const isKubeError = (error: unknown): error is KubeError => error instanceof KubeError;
const hasReason = (error: unknown, ...reasons: string[]): error is KubeError =>
  error instanceof KubeError && reasons.includes(error.reason);

/** The object, or the whole kind, does not exist. */
export const isNotFound = (error: unknown): error is KubeError => isKubeError(error) && error.status === 404;
/** The API server does not serve the kind in this version, which says nothing about whether the object exists. */
export const isKindNotServed = (error: unknown): error is KubeError => hasReason(error, 'KindNotServed');
/** The object does not exist; with {@link isNotFound} alone its kind may merely be served in another version by now. */
export const isObjectNotFound = (error: unknown): error is KubeError => isNotFound(error) && !isKindNotServed(error);
/** A stale write, a failed precondition, or fields owned by another manager. Not true for {@link isAlreadyExists}. */
export const isConflict = (error: unknown): error is KubeError => hasReason(error, 'Conflict');
export const isAlreadyExists = (error: unknown): error is KubeError => hasReason(error, 'AlreadyExists');
/** The object was refused by schema, validation or an admission rule that answers Invalid. */
export const isInvalid = (error: unknown): error is KubeError => hasReason(error, 'Invalid');
export const isForbidden = (error: unknown): error is KubeError => hasReason(error, 'Forbidden');
/** The resource version is too old to go on from (410 as an HTTP status or in an ERROR event). */
export const isGone = (error: unknown): error is KubeError =>
  isKubeError(error) && (error.status === 410 || error.reason === 'Expired' || error.reason === 'Gone');
/** A PodDisruptionBudget is against the eviction of a pod now. */
export const isDisruptionRefusal = (error: unknown): boolean =>
  isKubeError(error) && error.causes.some((cause) => cause.reason === 'DisruptionBudget');
/** The resource version is from the future: the store behind the API server was restored from a backup. */
export const isTooLargeResourceVersion = (error: unknown): error is KubeError =>
  isKubeError(error) && error.causes.some((cause) => cause.reason === 'ResourceVersionTooLarge');

function isRetryableStatus(status: number, reason: string): boolean {
  if (status === 429 || status === 408 || status >= 500) return status !== 501;
  // Credentials rotate, and a conflict goes away after reading again.
  return status === 401 || status === 410 || (status === 409 && reason === 'Conflict');
}

interface ParsedStatus {
  message: string;
  reason: string;
  causes: StatusCause[];
  retryAfterMs: number | undefined;
}

function parseStatus(body: unknown): ParsedStatus {
  if (typeof body === 'string')
    return {
      ...(body.trim() === '404 page not found'
        ? { message: NO_SUCH_KIND, reason: 'KindNotServed' }
        : { message: body, reason: '' }),
      causes: [],
      retryAfterMs: undefined,
    };
  const status = isRecord(body) ? body : {};
  const details = isRecord(status['details']) ? status['details'] : {};
  const seconds = details['retryAfterSeconds'];
  const causes = Array.isArray(details['causes']) ? details['causes'].filter(isRecord) : [];
  return {
    message: text(status['message']),
    reason: text(status['reason']),
    causes: causes.map((c) => ({ reason: text(c['reason']), message: text(c['message']), field: text(c['field']) })),
    retryAfterMs: typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : undefined,
  };
}

const TLS_CODE = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|EPROTO|HOSTNAME_MISMATCH|INVALID_CA)/;

function transportReason(code: string, error: unknown): string {
  if (code === 'ECONNREFUSED') return 'ConnectionRefused';
  if (TLS_CODE.test(code)) return 'Tls';
  if (code === 'ETIMEDOUT' || code.endsWith('TIMEOUT') || (error instanceof Error && error.name === 'TimeoutError'))
    return 'Timeout';
  if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'UND_ERR_SOCKET') return 'ConnectionReset';
  return 'Unreachable';
}

function transportCode(error: unknown): string {
  for (let e: unknown = error, depth = 0; isRecord(e) && depth < 4; e = e['cause'], depth++) {
    if (typeof e['code'] === 'string') return e['code'];
    if (e instanceof AggregateError && isRecord(e.errors[0])) return text(e.errors[0]['code']);
  }
  return '';
}

function messageOfTransport(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOfTransport).join('; ');
  return error instanceof Error ? error.message : String(error);
}

function oneLine(subject: RequestSubject, message: string): string {
  const line = `${subject.verb} ${subject.resource}${subject.key === '' ? '' : ` ${subject.key}`}: ${message.replace(/\s+/g, ' ').trim()}`;
  return line.length > MAX_MESSAGE ? `${line.slice(0, MAX_MESSAGE - 1)}…` : line;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
