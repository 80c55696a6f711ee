import type { Application } from '../api/generated/application.ts';
import { sameRepository } from '../git/repo-url.ts';
import { keyOf, type ObjectKey, type Store, splitKey } from '../kube/types.ts';
import type { ObjectId } from '../manifest/identity.ts';
import type { SourceContent, SourceState } from '../sync/source/state.ts';
import { wantsObject } from '../sync/wanted.ts';

/** What is known of the Git paths of Applications. */
export interface KnownSources {
  /** Undefined for an Application that nothing was asked for. */
  stateOf(application: ObjectKey): SourceState | undefined;
  /** What was read last, whatever came after. */
  contentOf(application: ObjectKey): SourceContent | undefined;
  /** Looks at the branch of an Application now, unless that is under way. */
  catchUp(application: ObjectKey): void;
}

/**
 * What the Git paths of other Applications have. An object that moves from one to another in one commit is missed by the
 * first before the second has said, in its status, that it wants it: without a look across, it would be deleted and made anew.
 */
export class ApplicationSiblings {
  readonly #applications: Store<Application>;
  readonly #sources: KnownSources;
  readonly #isKnown: (application: ObjectKey) => boolean;

  /** @param isKnown whether an Application was looked at since the controller has started */
  constructor(applications: Store<Application>, sources: KnownSources, isKnown: (application: ObjectKey) => boolean) {
    this.#applications = applications;
    this.#sources = sources;
    this.#isKnown = isKnown;
  }

  /** An Application, other than `self`, whose Git path has an object. */
  wantedBy(self: ObjectKey, id: ObjectId): ObjectKey | undefined {
    return this.#others(self)
      .map(keyOf)
      .sort()
      .find((other) => this.#has(other, id) === true);
  }

  /** Whether the Git path of an Application is known to lack an object, whatever its status still says. */
  letsGo(application: ObjectKey, id: ObjectId): boolean {
    return this.#sources.stateOf(application)?.state === 'ready' && this.#has(application, id) === false;
  }

  /**
   * An Application that follows the same branch and whose path was not read yet at `revision`, though it soon will be: what
   * it wants cannot be told before. One whose path cannot be read is not waited for, since that may last.
   */
  unread(application: Application, revision: string): ObjectKey | undefined {
    const { repoURL, targetRevision } = application.spec.source;
    const unread = this.#others(keyOf(application)).find((other) => {
      // A stored Application may lack anything.
      const source = other.spec?.source as Partial<Application['spec']['source']> | undefined;
      if (source?.targetRevision !== targetRevision || typeof source.repoURL !== 'string') return false;
      if (source.repoURL !== repoURL && !sameRepository(source.repoURL, repoURL)) return false;
      return this.#isUnread(keyOf(other), revision);
    });
    return unread && keyOf(unread);
  }

  #isUnread(application: ObjectKey, revision: string): boolean {
    const state = this.#sources.stateOf(application);
    switch (state?.state) {
      case undefined:
        return !this.#isKnown(application);
      case 'pending':
        return true;
      case 'failed':
        return false;
      case 'ready':
        if (state.content.revision === revision) return false;
        this.#sources.catchUp(application);
        return true;
    }
  }

  #has(application: ObjectKey, id: ObjectId): boolean | undefined {
    const content = this.#sources.contentOf(application);
    if (content === undefined) return undefined;
    const namespace = this.#applications.get(application)?.spec?.destination?.namespace;
    return wantsObject(content.loaded, namespace ?? splitKey(application).namespace, id);
  }

  #others(self: ObjectKey): readonly Application[] {
    return this.#applications
      .list()
      .filter((other) => other.metadata.deletionTimestamp === undefined && keyOf(other) !== self);
  }
}
