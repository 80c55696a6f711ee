import { describe, expect, it } from 'vitest';
import { application, idNamed, liveObject, NOW } from '../../test/applications.ts';
import { timestamp } from '../api/conditions.ts';
import { applicationOptions, DEFAULT_OBJECT_OPTIONS, objectOptions } from './object-options.ts';
import { deleteConsent, pruneConsent } from './prune-consent.ts';
import { DEFAULT_SYNC_OPTIONS } from './sync-options.ts';

function withOptions(...syncOptions: string[]): ReturnType<typeof application> {
  const app = application();
  return { ...app, spec: { ...app.spec, syncPolicy: { ...app.spec.syncPolicy, syncOptions } } };
}

function annotated(annotations: Record<string, string>): ReturnType<typeof liveObject> {
  const live = liveObject(idNamed('gone'));
  return { ...live, metadata: { ...live.metadata, annotations: { ...live.metadata.annotations, ...annotations } } };
}

function optionsOf(annotations: Record<string, string>): ReturnType<typeof objectOptions> {
  return objectOptions({ metadata: { annotations } }, DEFAULT_SYNC_OPTIONS);
}

describe('the options of an object', () => {
  it.each([
    [{}, {}],
    [{ 'slipway.dev/sync-options': 'Prune=false' }, { prune: 'false' }],
    [{ 'argocd.argoproj.io/sync-options': 'Prune=false, ServerSideApply=true' }, { prune: 'false' }],
    [{ 'argocd.argoproj.io/sync-options': 'Prune=false', 'slipway.dev/sync-options': 'Prune=true' }, {}],
    [{ 'argocd.argoproj.io/sync-options': 'Delete=confirm,Prune=false' }, { delete: 'confirm', prune: 'false' }],
    [{ 'slipway.dev/sync-options': 'PrunePropagationPolicy=orphan' }, { prunePropagation: 'Orphan' }],
    [{ 'argocd.argoproj.io/sync-options': 'Force=true,Replace=true' }, { force: true, replace: true }],
    [{ 'argocd.argoproj.io/ignore-healthcheck': 'true' }, { ignoreHealth: true }],
    [{ 'argocd.argoproj.io/compare-options': 'IgnoreExtraneous' }, { ignoreExtraneous: true }],
  ])('%j', (annotations, changed) => {
    expect(optionsOf(annotations)).toEqual({ options: { ...DEFAULT_OBJECT_OPTIONS, ...changed }, problems: [] });
  });

  it.each([
    ['Prune=flase', 'write Prune=true, false or confirm'],
    ['Prune', 'write Prune=true, false or confirm'],
    ['Delete=no', 'write Delete=true, false or confirm'],
    ['Purne=false', 'it is not known; remove it or correct its name'],
    ['ServerSideApply=false', 'only ServerSideApply=true is possible; remove it'],
    ['CreateNamespace=true', 'it is for spec.syncPolicy.syncOptions, not for one object'],
    ['PrunePropagationPolicy=no', 'write PrunePropagationPolicy=foreground, background or orphan'],
  ])('%s is refused', (text, remedy) => {
    const name = 'argocd.argoproj.io/sync-options';
    expect(optionsOf({ [name]: text }).problems).toEqual([`annotation ${name} has "${text}": ${remedy}`]);
  });

  it('those of the Application hold where the object says nothing', () => {
    const { options } = applicationOptions(withOptions('Prune=false', 'ApplyOutOfSyncOnly=true'));
    expect(objectOptions({ metadata: {} }, options).options.prune).toBe('false');
    expect(objectOptions(annotated({ 'slipway.dev/sync-options': 'Prune=true' }), options).options.prune).toBe('true');
  });

  it('Delete and Force are not for all at once', () => {
    expect(applicationOptions(withOptions('Delete=false')).problem).toContain('it is for the annotation of one object');
    expect(applicationOptions(withOptions('Force=true')).problem).toContain('write it into the annotation');
  });

  it('those of the Application are refused by their field', () => {
    expect(applicationOptions(withOptions('CreateNamespace=yes')).problem).toBe(
      'spec.syncPolicy.syncOptions has "CreateNamespace=yes": write CreateNamespace=true or CreateNamespace=false',
    );
  });
});

describe('whether an object that is gone from Git may be deleted', () => {
  const confirm = annotated({ 'argocd.argoproj.io/sync-options': 'Prune=confirm' });
  const approvedAt = (at: number): ReturnType<typeof application> => {
    const startedAt = timestamp(NOW);
    const app = application({ status: { operationState: { phase: 'Running', revision: 'r', startedAt } } });
    return {
      ...app,
      metadata: { ...app.metadata, annotations: { 'slipway.dev/deletion-approved': timestamp(at) } },
    };
  };

  it.each([
    ['nothing is said', liveObject(idNamed('gone')), application(), 'given'],
    ['it shall stay', annotated({ 'slipway.dev/sync-options': 'Prune=false' }), application(), 'refused'],
    ['all shall stay', liveObject(idNamed('gone')), withOptions('Prune=false'), 'refused'],
    ['the option is misspelt', annotated({ 'slipway.dev/sync-options': 'Prune=no' }), application(), 'refused'],
    ['nobody has confirmed', confirm, application(), 'awaited'],
    ['an earlier sync was confirmed', confirm, approvedAt(NOW - 1000), 'awaited'],
    ['this sync was confirmed', confirm, approvedAt(NOW + 1000), 'given'],
  ])('%s', (_, live, app, type) => {
    expect(pruneConsent(live, app).type).toBe(type);
  });
});

describe('whether an object may be deleted with its Application', () => {
  const deletedAt = (approved?: number): ReturnType<typeof application> => {
    const app = withOptions('Prune=false', 'Bad=option');
    const annotations = approved === undefined ? {} : { 'slipway.dev/deletion-approved': timestamp(approved) };
    return { ...app, metadata: { ...app.metadata, deletionTimestamp: timestamp(NOW), annotations } };
  };
  const confirm = annotated({ 'slipway.dev/sync-options': 'Delete=confirm' });

  it.each([
    ['nothing is said of the object', liveObject(idNamed('a')), deletedAt(), 'given'],
    ['it shall not be pruned', annotated({ 'slipway.dev/sync-options': 'Prune=false' }), deletedAt(), 'given'],
    ['it shall stay', annotated({ 'argocd.argoproj.io/sync-options': 'Delete=false' }), deletedAt(), 'refused'],
    ['the option is misspelt', annotated({ 'slipway.dev/sync-options': 'Delete=flase' }), deletedAt(), 'refused'],
    ['nobody has confirmed', confirm, deletedAt(), 'awaited'],
    ['a prune before was confirmed', confirm, deletedAt(NOW - 1000), 'awaited'],
    ['this was confirmed', confirm, deletedAt(NOW + 1000), 'given'],
  ])('%s', (_, live, app, type) => {
    expect(deleteConsent(live, app, 'Foreground').type).toBe(type);
  });
});
