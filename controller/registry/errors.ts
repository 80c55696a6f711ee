import { SlipwayError } from '../platform/errors.ts';

/**
 * What can be wrong between Slipway and a model registry. The first group is about the connection: the registry cannot be
 * asked now, and what runs goes on. The second group is about the model version: the registry answered, and the version
 * must not be started.
 */
export type RegistryErrorCode =
  | 'RegistryNotFound'
  | 'RegistryInvalid'
  | 'RegistrySecretMissing'
  | 'RegistrySecretInvalid'
  | 'RegistryUnreachable'
  | 'RegistryTimeout'
  | 'RegistryUnauthorized'
  | 'RegistryForbidden'
  | 'RegistryForbiddenHost'
  | 'RegistryOverloaded'
  | 'RegistryServerError'
  | 'RegistryBadAnswer'
  | 'RegistryRefused'
  | 'ModelNotFound'
  | 'ModelVersionNotFound'
  | 'ModelVersionInvalid'
  | 'ModelVersionNotReady'
  | 'ModelVersionChanged'
  | 'ModelContentMissing';

const ABOUT_THE_VERSION: ReadonlySet<RegistryErrorCode> = new Set<RegistryErrorCode>([
  'ModelNotFound',
  'ModelVersionNotFound',
  'ModelVersionInvalid',
  'ModelVersionNotReady',
  'ModelVersionChanged',
  'ModelContentMissing',
]);

const MAY_PASS: ReadonlySet<RegistryErrorCode> = new Set<RegistryErrorCode>([
  'RegistryUnreachable',
  'RegistryTimeout',
  'RegistryOverloaded',
  'RegistryServerError',
  'RegistryBadAnswer',
  'ModelVersionNotReady',
]);

/** A failed question to a model registry; the message names the registry and the remedy, never a credential. */
export class RegistryError extends SlipwayError {
  declare readonly code: RegistryErrorCode;

  constructor(code: RegistryErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(code, message, { ...options, retryable: MAY_PASS.has(code) });
  }

  /** True when the registry answered and the version is what is wrong; false when the registry could not be asked. */
  get aboutTheVersion(): boolean {
    return ABOUT_THE_VERSION.has(this.code);
  }
}
