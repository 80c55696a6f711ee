import { describe, expect, it } from 'vitest';
import { plainText } from './plain-text.ts';

describe('text for a terminal', () => {
  it('has no escape sequence and no line break in it, however deep it stands', () => {
    const hostile = { message: 'one\r\n\ttwo\u001b]0;title\u0007', list: ['\u009b2J✖ é'], count: 3, none: null };
    expect(plainText(hostile)).toEqual({ message: 'one two ]0;title ', list: [' 2J✖ é'], count: 3, none: null });
  });
});
