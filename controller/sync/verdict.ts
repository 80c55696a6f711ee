import type { ObjectKey } from '../kube/types.ts';
import type { Answer } from './live.ts';

/** How one object of Git stands in the cluster. */
export type Verdict =
  | { state: 'synced' }
  /** The live object differs; the message names the first field, never a value. */
  | { state: 'differs'; message: string }
  /** The API server refused it or could not be asked. `permanent`: only a change by a person will help. */
  | { state: 'failed'; reason: string; message: string; permanent: boolean }
  /** It belongs to another Application, which came first. `where`: its manifest here, as `file:line`. */
  | { state: 'owned'; by: ObjectKey; where: string }
  /** It cannot be sent before something else has happened. */
  | { state: 'waiting'; message: string }
  /** Nobody has looked yet. */
  | { state: 'unseen' };

/** What was found out about one object by asking the API server, and for which desired and live state it holds. */
export interface ObjectRecord {
  /** Of the desired object that was compared or sent. */
  digest: string;
  /** Of the same, with the fields that a Rollout owned then. */
  fingerprint: string;
  /** Of the live object after that; see markOf. */
  mark: string;
  verdict: Verdict;
  /** Failures in a row for this fingerprint. */
  failures: number;
  /** When a failed or waiting object is looked at again even if nothing changes, in milliseconds since the epoch. */
  retryAt: number;
  /** The API server's last answer; dropped when the cache has caught up. */
  answer: Answer | undefined;
}
