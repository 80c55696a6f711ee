import { describe, expect, test } from 'vitest';
import { readCredentials } from './credentials.ts';

const encode = (data: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]));
const CA = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

test('a token, or a user with a password, and a CA', () => {
  expect(readCredentials(encode({ token: 'abc\n' }), 'ml/s')).toEqual({ authorization: 'Bearer abc' });
  expect(readCredentials(encode({ username: 'u', password: 'p:q' }), 'ml/s')).toEqual({
    authorization: `Basic ${Buffer.from('u:p:q').toString('base64')}`,
  });
  expect(readCredentials(encode({ 'ca.crt': CA }), 'ml/s')).toEqual({ ca: CA.trimEnd() });
});

describe('a Secret that does not do says which key is wrong, and no value', () => {
  test.each<[Record<string, string>, string]>([
    [{}, 'has none of the keys token, username and password, ca.crt'],
    [{ user: 'hunter2' }, 'has none of the keys token, username and password, ca.crt'],
    [{ username: 'hunter2' }, 'lacks the key password'],
    [{ password: 'hunter2' }, 'lacks the key username'],
    [{ username: 'hunter2', password: '' }, 'lacks the key password'],
    [{ username: 'hunter2', password: 'hunter2', token: 'hunter2' }, 'has both token and username; keep one of them'],
    [{ token: 'hunter2\nx-evil: 1' }, 'token holds characters that no token has'],
    [{ token: 'hunter2', 'ca.crt': 'hunter2' }, 'ca.crt is not a PEM certificate'],
  ])('%j', (data, message) => {
    expect(() => readCredentials(encode(data), 'ml/s')).toThrow(`Secret ml/s: ${message}`);
  });
  test('without data', () => {
    expect(() => readCredentials(undefined, 'ml/s')).toThrow('Secret ml/s: has none of the keys');
  });
});
