import { Ansis } from 'ansis';
import type { Tone } from './symbols.ts';

/** A piece of text with a tone; its width is that of the text. */
export interface Cell {
  text: string;
  tone?: Tone;
}

/** Colours text by tone, or leaves it alone. */
export type Paint = (text: string, tone: Tone) => string;

/** Colours where the output shows them. Honours NO_COLOR and FORCE_COLOR through ansis. */
export function painter(colour: boolean): Paint {
  const ansi = new Ansis(colour ? undefined : 0);
  return (text, tone) => {
    switch (tone) {
      case 'good':
        return ansi.green(text);
      case 'bad':
        return ansi.red(text);
      case 'busy':
        return ansi.yellow(text);
      case 'quiet':
        return ansi.dim(text);
      case 'plain':
        return text;
    }
  };
}

/** Columns two spaces apart, as kubectl prints them; the last column is not padded. */
export function table(rows: readonly (readonly Cell[])[], paint: Paint): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, width(cell.text));
    });
  }
  return rows
    .map((row) =>
      row
        .map((cell, i) => {
          const padding = i === row.length - 1 ? '' : ' '.repeat((widths[i] ?? 0) - width(cell.text) + 2);
          return paint(cell.text, cell.tone ?? 'plain') + padding;
        })
        .join('')
        .trimEnd(),
    )
    .join('\n');
}

/** Columns on a terminal; every symbol in use is one column wide. */
function width(text: string): number {
  return [...text].length;
}
