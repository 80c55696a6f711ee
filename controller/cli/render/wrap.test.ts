import { describe, expect, it } from 'vitest';
import { wrap } from './wrap.ts';

describe('wrapped text', () => {
  it('is broken between words, and a long word stays whole', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrap('a https://a.very.long/address b', 7)).toEqual(['a', 'https://a.very.long/address', 'b']);
    expect(wrap('', 7)).toEqual(['']);
  });

  it('gives colours and symbols no more room than they take', () => {
    expect(wrap('\u001b[31m✖ bad\u001b[39m two', 9)).toEqual(['\u001b[31m✖ bad\u001b[39m two']);
  });
});
