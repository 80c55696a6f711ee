import { SlipwayError } from '../platform/errors.ts';

export type ManifestErrorCode = 'ManifestInvalid' | 'ManifestDuplicate' | 'ManifestTooLarge';

/** A place in a file; line and column count from 1. */
export interface SourcePosition {
  file: string;
  line: number;
  column?: number;
}

/** A manifest that cannot be used. The message starts with `file:line:column`. Nothing may be pruned after it. */
export class ManifestError extends SlipwayError {
  declare readonly code: ManifestErrorCode;
  readonly position: SourcePosition;

  constructor(code: ManifestErrorCode, position: SourcePosition, text: string) {
    super(code, `${describePosition(position)}: ${text.replace(/\s+/g, ' ').trim()}`);
    this.position = position;
  }
}

export function describePosition({ file, line, column }: SourcePosition): string {
  return `${file}:${line}${column === undefined ? '' : `:${column}`}`;
}
