import { describe, expect, it } from 'vitest';
import { KubeError } from '../kube/errors.ts';
import { failedVerdict } from './failure.ts';

describe('the message about an object that was refused', () => {
  const messageFor = (text: string): string =>
    failedVerdict(
      new KubeError('KubeRequestFailed', `apply secrets team/db: ${text}`, {
        status: 500,
        reason: 'InternalError',
        retryable: true,
      }),
      'db.yaml:1',
    ).message;

  it.each([
    ['.stringData.pin: expected string, got &value.valueUnstructured{Value:1234}'],
    ['.stringData.pin: expected string, got &value.valueUnstructured{Value:map[string]interface {}{"a}":1234}}'],
    ['.stringData: expected map, got &{[map[name:pin value:1234]]}'],
    [
      'errors:\n  .stringData.a: expected string, got &value.valueUnstructured{Value:1}\n  .stringData.b: expected string, got &value.valueUnstructured{Value:1234}',
    ],
  ])('names the field of a value of the wrong type, and not the value: %s', (text) => {
    const message = messageFor(`failed to create typed patch object (team/db; /v1, Kind=Secret): ${text}`);
    expect(message).toMatch(/\.stringData.*: expected (string|map), got something else \(db\.yaml:1\)$/s);
    expect(message).not.toContain('1234');
  });

  it('is otherwise what the API server said', () => {
    expect(messageFor('namespaces "team" not found')).toBe('namespaces "team" not found (db.yaml:1)');
  });
});
