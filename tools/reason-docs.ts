/** The page docs/reference/reasons.md, from the doc comments of controller/api/reasons.ts. */
export function generateReasons(source: string): string {
  const entries = [...source.matchAll(/\/\*\* (.+?) \*\/\s+(\w+): '(\w+)',/gs)];
  const rows = entries
    .map(([, text, , reason]) => `| \`${reason}\` | ${text?.replace(/\s*\n\s*\*?\s*/g, ' ').replaceAll('|', '\\|')} |`)
    .sort();
  return [
    '# Reasons of conditions and Events',
    '',
    '<!-- Generated from controller/api/reasons.ts by `npm run generate`. Do not edit. -->',
    '',
    'Reasons are stable: alerts and scripts may match on them. A condition or Event that reports an error has the',
    '[code of the error](errors.md) as its reason.',
    '',
    '| reason | when |',
    '|---|---|',
    ...rows,
    '',
  ].join('\n');
}
