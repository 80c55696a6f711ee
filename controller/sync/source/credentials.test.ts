import { describe, expect, it } from 'vitest';
import { credentialsFrom } from './credentials.ts';

const secret = (data: Record<string, string>): object => ({
  data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
});

describe('credentials in a Secret', () => {
  it.each([
    ['username and password', { username: 'u', password: 'p' }, { auth: { username: 'u', password: 'p' } }],
    ['a token', { token: 't' }, { auth: { token: 't' } }],
    ['a trailing line break, as from echo', { token: 't\n' }, { auth: { token: 't' } }],
    ['only a certificate to trust', { 'ca.crt': 'PEM' }, { ca: 'PEM' }],
    ['all of it', { token: 't', 'ca.crt': 'PEM' }, { auth: { token: 't' }, ca: 'PEM' }],
  ])('%s', (_, data, wanted) => {
    expect(credentialsFrom(secret(data), 'team/git')).toEqual(wanted);
  });

  it.each([
    ['nothing', {}, 'Secret team/git has none of the keys username and password, token, ca.crt'],
    ['no password', { username: 'u' }, 'Secret team/git has no key password; it needs username and password, or token'],
    [
      'no username',
      { password: 'hunter2' },
      'Secret team/git has no key username; it needs username and password, or token',
    ],
  ])('%s: says what is missing and no value', (_, data, message) => {
    expect(() => credentialsFrom(secret(data), 'team/git')).toThrow(message);
    expect(() => credentialsFrom(secret(data), 'team/git')).not.toThrow('hunter2');
  });
});
