import { sameRepository } from '../../git/repo-url.ts';
import type { ObjectKey } from '../../kube/types.ts';
import { ManifestMemo } from '../../manifest/load.ts';
import { Branch, type BranchOptions } from './branch.ts';
import { branchKey, type SourceRequest, sameRequest } from './request.ts';
import type { SourceContent, SourceState } from './state.ts';

/**
 * Follows branches for Applications. A look may take as long as a repository is slow, so it runs by itself and never inside
 * a reconcile; a reconcile asks for what is known and is told when that changes.
 */
export class SourceWatcher {
  readonly #o: BranchOptions;
  readonly #memo = new ManifestMemo();
  readonly #branches = new Map<string, Branch>();
  readonly #branchOf = new Map<ObjectKey, Branch>();

  constructor(options: BranchOptions) {
    this.#o = options;
  }

  /** What is known of what an Application wants; a new or changed request starts a look at once. */
  ask(application: ObjectKey, request: SourceRequest): SourceState {
    const known = this.#branchOf.get(application)?.follower(application);
    if (known !== undefined && sameRequest(known.request, request)) return known.state;
    this.forget(application);
    const key = branchKey(request);
    const branch = this.#branches.get(key) ?? new Branch(request, this.#memo, this.#o);
    this.#branches.set(key, branch);
    this.#branchOf.set(application, branch);
    branch.follow(application, request);
    return { state: 'pending' };
  }

  /**
   * Looks at the branch of one Application now, once for each word. Returns whether that look has ended, whatever came of
   * it; the Application is told when it has.
   */
  looked(application: ObjectKey, word: string): boolean {
    return this.#branchOf.get(application)?.looked(application, word) ?? true;
  }

  /** Whether an Application has something newer to act on than a revision, or nobody knows yet. */
  isBehind(application: ObjectKey, revision: string | undefined): boolean {
    return this.#branchOf.get(application)?.isBehind(application, revision) ?? true;
  }

  /** Looks at every branch of a repository now; for webhooks. Returns how many branches that are. */
  look(repoURL: string): number {
    const branches = [...this.#branches.values()].filter(({ request }) => sameRepository(request.repoURL, repoURL));
    for (const branch of branches) branch.look();
    return branches.length;
  }

  /** What is known without asking for more; undefined for an Application that never asked. */
  stateOf(application: ObjectKey): SourceState | undefined {
    return this.#branchOf.get(application)?.follower(application)?.state;
  }

  /** What was read last for an Application, also when a later look has failed. */
  contentOf(application: ObjectKey): SourceContent | undefined {
    return this.#branchOf.get(application)?.follower(application)?.content;
  }

  /** Looks at the branch of an Application now, unless that is under way. */
  catchUp(application: ObjectKey): void {
    const branch = this.#branchOf.get(application);
    if (branch?.isLooking === false) branch.look();
  }

  /** The revision of the newest answer for an Application. */
  revisionOf(application: ObjectKey): string | undefined {
    return this.contentOf(application)?.revision;
  }

  /** The Application is gone or wants something else. */
  forget(application: ObjectKey): void {
    const branch = this.#branchOf.get(application);
    if (branch === undefined) return;
    this.#branchOf.delete(application);
    if (!branch.leave(application)) this.#branches.delete(branchKey(branch.request));
  }

  close(): void {
    for (const branch of this.#branches.values()) branch.stop();
    this.#branches.clear();
    this.#branchOf.clear();
  }
}
