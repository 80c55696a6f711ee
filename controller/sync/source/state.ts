import { Reason } from '../../api/reasons.ts';
import type { LoadResult } from '../../manifest/load.ts';
import { messageOf, SlipwayError } from '../../platform/errors.ts';

/** The manifests of one commit. The same `loaded` is returned as long as the folder is the same. */
export interface SourceContent {
  revision: string;
  loaded: LoadResult;
}

/** Why a revision could not be fetched or read. */
export interface SourceFailure {
  code: string;
  message: string;
  /** It may pass without anybody changing anything. */
  retryable: boolean;
}

/** What is known of what an Application wants from Git. */
export type SourceState =
  /** Not fetched yet. */
  { state: 'pending' } | { state: 'ready'; content: SourceContent } | { state: 'failed'; failure: SourceFailure };

export function failureOf(error: unknown): SourceFailure {
  if (error instanceof SlipwayError) return { code: error.code, message: error.message, retryable: error.retryable };
  return { code: Reason.SourceNotReady, message: messageOf(error), retryable: true };
}
