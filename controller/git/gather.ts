import { type Clock, nextTurn } from '../platform/clock.ts';
import { GitError, type GitErrorData } from './errors.ts';

/** What became of one question of several that were asked together. */
export type Answer<T> = { value: T } | { error: GitErrorData };

/** Questions in one call; more go out in further calls, so that the first answers do not wait for the last. */
const MAX_TOGETHER = 250;

interface Waiting<Q, T> {
  question: Q;
  resolve: (value: T) => void;
  reject: (error: unknown) => void;
}

/**
 * Gathers the questions of one moment that one call can answer: a commit in a repository of a thousand folders is one call
 * with a thousand questions, not a thousand calls that each open the repository.
 */
export class Gather<Q, T> {
  readonly #clock: Clock;
  readonly #waiting = new Map<string, Waiting<Q, T>[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * @param key questions with the same key go together
   * @param call answers them, in their order
   */
  ask(key: string, question: Q, call: (questions: readonly Q[]) => Promise<readonly Answer<T>[]>): Promise<T> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(key);
      if (waiting !== undefined) {
        waiting.push({ question, resolve, reject });
        return;
      }
      this.#waiting.set(key, [{ question, resolve, reject }]);
      this.#clock.after(0, () => {
        const all = this.#waiting.get(key) ?? [];
        this.#waiting.delete(key);
        for (let i = 0; i < all.length; i += MAX_TOGETHER) void send(all.slice(i, i + MAX_TOGETHER), call);
      });
    });
  }
}

async function send<Q, T>(
  waiting: readonly Waiting<Q, T>[],
  call: (questions: readonly Q[]) => Promise<readonly Answer<T>[]>,
): Promise<void> {
  try {
    const answers = await call(waiting.map(({ question }) => question));
    for (const [i, { resolve, reject }] of waiting.entries()) {
      // Whoever waits may parse for milliseconds, and a thousand of them in a row would keep everybody else waiting.
      await nextTurn();
      const answer = answers[i];
      if (answer === undefined) reject(new GitError('GitWorkerFailed', 'the Git worker left a question unanswered'));
      else if ('value' in answer) resolve(answer.value);
      else reject(new GitError(answer.error.code, answer.error.message));
    }
  } catch (error) {
    for (const { reject } of waiting) reject(error);
  }
}
