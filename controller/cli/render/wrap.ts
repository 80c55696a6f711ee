import { stripVTControlCharacters } from 'node:util';

/** Columns of output that stays readable everywhere. */
export const WIDTH = 80;

/** Lines of at most `width` columns, broken between words; a longer word stays whole. Colours take no room. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && columns(longer) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}

function columns(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}
