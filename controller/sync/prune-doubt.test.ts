import { describe, expect, it } from 'vitest';
import { idNamed, paired } from '../../test/applications.ts';
import { loadManifests, type SkippedDocument } from '../manifest/load.ts';
import { doubtAbout, originsOf } from './prune-doubt.ts';

const skippedIn = (path: string, text: string): SkippedDocument[] => loadManifests([{ path, text }]).skipped;
const id = idNamed('web');
const broken = 'metadata: {name: web}\nspec: {}\n';
const values = 'replicas: 3\n';

describe('whether an object that is gone from Git may only be broken', () => {
  it('when a left-out document has its name, wherever it is', () => {
    const doubt = doubtAbout(id, undefined, undefined, skippedIn('other.yaml', broken));
    expect(doubt?.file).toBe('other.yaml');
    expect(doubt?.message).toContain(
      'other.yaml:1, which is no Kubernetes object (it has neither apiVersion nor kind)',
    );
  });

  it.each([
    ['of another object', 'metadata: {name: else}\n'],
    ['of another namespace', 'metadata: {name: web, namespace: far}\n'],
    ['of nobody', values],
  ])('not by a document %s', (_, text) => {
    expect(doubtAbout(id, undefined, undefined, skippedIn('other.yaml', text))).toBeUndefined();
  });

  it('when its file has more documents for others than it had', () => {
    const origin = { file: 'web.yaml', foreign: 0 };
    expect(doubtAbout(id, origin, undefined, skippedIn('web.yaml', values))?.file).toBe('web.yaml');
    expect(doubtAbout(id, origin, undefined, skippedIn('web.yaml', 'just text\n'))?.file).toBe('web.yaml');
    expect(doubtAbout(id, origin, undefined, skippedIn('values.yaml', values))).toBeUndefined();
    expect(doubtAbout(id, { ...origin, foreign: 1 }, undefined, skippedIn('web.yaml', values))).toBeUndefined();
  });

  it('as long as it was doubted before and the file is the same', () => {
    expect(doubtAbout(id, undefined, 'web.yaml', skippedIn('web.yaml', values))?.file).toBe('web.yaml');
    expect(doubtAbout(id, undefined, 'web.yaml', [])).toBeUndefined();
  });

  it('knows the files of objects, with what else is in them', () => {
    const object = paired(id);
    const [one] = originsOf([{ ...object.desired, where: 'a:b/web.yaml:7' }], skippedIn('a:b/web.yaml', values));
    expect(one).toEqual([object.desired.key, { file: 'a:b/web.yaml', foreign: 1 }]);
  });
});
