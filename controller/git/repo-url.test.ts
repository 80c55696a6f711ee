import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { publicUrl, repoKey, sameRepository } from './repo-url.ts';

describe('repoKey', () => {
  it.each([
    'https://git.example.com/team/apps.git',
    'https://git.example.com/team/apps',
    'https://git.example.com/team/apps/',
    'http://git.example.com/team/apps.git',
    'https://user:pass@GIT.example.com/team/apps.git',
    'https://git.example.com:443/Team/Apps.git',
    'ssh://git@git.example.com/team/apps.git',
    'ssh://git@git.example.com:2222/team/apps.git',
    'git@git.example.com:team/apps.git',
    'git.example.com:team/apps',
    'git@git.example.com:/team/apps.git',
    ' https://git.example.com/team//apps.git ',
  ])('%s', (url) => {
    expect(repoKey(url)).toBe('git.example.com/team/apps');
  });

  it.each([
    '',
    'x',
    '/srv/git/apps',
    'file:///srv/apps',
    'https://',
    'https://git.example.com',
    'https://git.example.com/',
  ])('no repository: "%s"', (url) => {
    expect(repoKey(url)).toBe('');
  });
});

it('matches the addresses of one forge with different ports, and keeps different forges apart', () => {
  expect(sameRepository('http://127.0.0.1:3000/a/b.git', 'ssh://git@127.0.0.1:2222/a/b.git')).toBe(true);
  expect(sameRepository('http://127.0.0.1:3000/a/b', 'http://127.0.0.1:3000/a/b.git')).toBe(true);
  expect(sameRepository('http://127.0.0.1:3000/a/b', 'http://127.0.0.1:4000/a/b')).toBe(false);
  expect(sameRepository('https://x.example.com/a/b', 'https://x.example.com/a/c')).toBe(false);
  expect(sameRepository('', '')).toBe(false);
});

it('shows no credentials', () => {
  expect(publicUrl('https://user:p%40ss@host/a.git?token=x#y')).toBe('https://host/a.git');
  expect(publicUrl('git@host:a/b.git')).toBe('git@host:a/b.git');
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9]{8,}$/), (secret) => {
      expect(publicUrl(`https://u:${secret}@host/a.git`)).not.toContain(secret);
      expect(publicUrl(`u:${secret}@ho st/a.git`)).not.toContain(secret);
    }),
  );
});

it('is total', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.webUrl()), (text) => {
      expect(typeof repoKey(text)).toBe('string');
      expect(typeof publicUrl(text)).toBe('string');
    }),
  );
});
