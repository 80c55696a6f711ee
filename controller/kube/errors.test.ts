import { describe, expect, it } from 'vitest';
import {
  errorFromAnswer,
  errorFromTransport,
  isAlreadyExists,
  isConflict,
  isForbidden,
  isGone,
  isInvalid,
  isNotFound,
  isTooLargeResourceVersion,
} from './errors.ts';

const subject = { verb: 'apply', resource: 'deployments', key: 'prod/web' };
const status = (code: number, reason: string, message: string, details = {}) => ({
  kind: 'Status',
  status: 'Failure',
  code,
  reason,
  message,
  details,
});

describe('errors of the Kubernetes API', () => {
  it('says what was asked, why it failed and which field is at fault, in one line', () => {
    const error = errorFromAnswer(
      subject,
      422,
      status(422, 'Invalid', 'Deployment.apps "web" is invalid:\n spec.replicas: Invalid value: -1', {
        causes: [{ reason: 'FieldValueInvalid', message: 'must be positive', field: 'spec.replicas' }],
      }),
    );
    expect(error.message).toBe(
      'apply deployments prod/web: Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1',
    );
    expect(error.causes).toEqual([
      { reason: 'FieldValueInvalid', message: 'must be positive', field: 'spec.replicas' },
    ]);
    expect(error).toMatchObject({ code: 'KubeInvalid', status: 422, retryable: false });
  });

  it.each([
    [404, 'NotFound', isNotFound, false],
    [409, 'Conflict', isConflict, true],
    [409, 'AlreadyExists', isAlreadyExists, false],
    [422, 'Invalid', isInvalid, false],
    [403, 'Forbidden', isForbidden, false],
    [410, 'Expired', isGone, true],
  ] as const)('%i %s is recognised, and only by its own predicate', (code, reason, predicate, retryable) => {
    const error = errorFromAnswer(subject, code, status(code, reason, 'x'));
    const all = [isNotFound, isConflict, isAlreadyExists, isInvalid, isForbidden, isGone];
    expect(all.filter((p) => p(error))).toEqual([predicate]);
    expect(error.retryable).toBe(retryable);
  });

  it('takes an unknown field in a server-side apply for the mistake of the user that it is, though the answer is 500', () => {
    const message =
      'failed to create typed patch object (prod/web; apps/v1, Kind=Deployment): .spec.bogus: field not declared in schema';
    const error = errorFromAnswer(subject, 500, status(500, '', message));
    expect(isInvalid(error)).toBe(true);
    expect(error.retryable).toBe(false);
    const quantity =
      'failed to convert new object (prod/web; /v1, Kind=Pod) to proper version: unable to convert unstructured object to /v1, Kind=Pod: quantities must match the regular expression';
    expect(isInvalid(errorFromAnswer(subject, 500, status(500, '', quantity)))).toBe(true);
    expect(errorFromAnswer(subject, 500, status(500, 'InternalError', 'etcd is sad')).retryable).toBe(true);
  });

  it('never repeats what the server quotes from a Secret', () => {
    const secret = { verb: 'apply', resource: 'secrets', key: 'prod/db' };
    const body = status(422, 'Invalid', 'Secret "db" is invalid: data[pw]: Invalid value: "hunter2"', {
      causes: [{ reason: 'FieldValueInvalid', message: 'Invalid value: "hunter2"', field: 'data[pw]' }],
    });
    const error = errorFromAnswer(secret, 422, body);
    expect(error.message).toBe('apply secrets prod/db: the Secret was refused as invalid at data[pw]');
    expect(JSON.stringify({ ...error, message: error.message })).not.toContain('hunter2');
  });

  it('reads how long to wait from the header, else from the Status', () => {
    const body = status(429, 'TooManyRequests', 'slow down', { retryAfterSeconds: 3 });
    expect(errorFromAnswer(subject, 429, body).retryAfterMs).toBe(3000);
    expect(errorFromAnswer(subject, 429, body, 1000).retryAfterMs).toBe(1000);
  });

  it('understands answers that come from a proxy on the way', () => {
    const error = errorFromAnswer(subject, 503, '<html>no healthy upstream</html>');
    expect(error).toMatchObject({ reason: 'ServiceUnavailable', retryable: true, code: 'KubeServerError' });
  });

  it('says that the kind is missing when the path is', () => {
    const error = errorFromAnswer({ ...subject, verb: 'list' }, 404, '404 page not found\n');
    expect(error.message).toContain('does not serve this kind');
    expect(isNotFound(error)).toBe(true);
  });

  it('recognises a resource version from the future', () => {
    const body = status(504, 'Timeout', 'Too large resource version: 9', {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    });
    expect(isTooLargeResourceVersion(errorFromAnswer(subject, 504, body))).toBe(true);
  });

  it.each([
    [
      Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' }),
      'ConnectionRefused',
      'KubeUnreachable',
    ],
    [Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' }), 'ConnectionReset', 'KubeUnreachable'],
    [Object.assign(new Error('Connect Timeout Error'), { code: 'UND_ERR_CONNECT_TIMEOUT' }), 'Timeout', 'KubeTimeout'],
    [new DOMException('no answer', 'TimeoutError'), 'Timeout', 'KubeTimeout'],
    [Object.assign(new Error('certificate has expired'), { code: 'CERT_HAS_EXPIRED' }), 'Tls', 'KubeTls'],
    [Object.assign(new Error('self-signed'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }), 'Tls', 'KubeTls'],
    [Object.assign(new Error('getaddrinfo ENOTFOUND api'), { code: 'ENOTFOUND' }), 'Unreachable', 'KubeUnreachable'],
  ])('%s is retryable, as %s', (thrown, reason, code) => {
    expect(errorFromTransport(subject, thrown)).toMatchObject({ status: 0, reason, code, retryable: true });
  });
});
