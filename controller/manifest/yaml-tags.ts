import type { ScalarTag, Tags } from 'yaml';

const CORE = 'tag:yaml.org,2002:';

/**
 * The scalars of YAML 1.1 as sigs.k8s.io/yaml reads them (test/fixtures/yaml has what it makes of each): no timestamps and no
 * base-60 numbers, octal also in its 1.2 spelling, binary as text, a leading zero with digits above 7 as a decimal float.
 */
export function kubectlTags(yaml11: Tags): Tags {
  const kept = yaml11.filter((tag) => {
    if (typeof tag === 'string') return true;
    if (['timestamp', 'binary', 'omap', 'pairs', 'set'].some((name) => tag.tag === CORE + name)) return false;
    return (tag as ScalarTag).format !== 'TIME' && tag.tag !== `${CORE}int` && tag.tag !== `${CORE}float`;
  });
  // Tried in order, before what YAML 1.1 would make of the same text.
  return [...kept, ...NUMBERS, BINARY];
}

const integer = (test: RegExp, radix: number, prefix: number): ScalarTag => ({
  tag: `${CORE}int`,
  default: true,
  test,
  resolve: (text) => {
    const sign = text.startsWith('-') ? -1n : 1n;
    const digits = text.replaceAll('_', '').replace(/^[-+]/, '').slice(prefix);
    return sign * BigInt(radix === 10 ? digits : `${{ 2: '0b', 8: '0o', 16: '0x' }[radix] ?? ''}${digits}`);
  },
});

const NUMBERS: ScalarTag[] = [
  integer(/^[-+]?0b[01_]*[01][01_]*$/, 2, 2),
  integer(/^[-+]?0o[0-7_]*[0-7][0-7_]*$/, 8, 2),
  integer(/^[-+]?0x[0-9a-fA-F_]*[0-9a-fA-F][0-9a-fA-F_]*$/, 16, 2),
  integer(/^[-+]?0_*[0-7][0-7_]*$/, 8, 1),
  integer(/^[-+]?(?:0|[1-9][0-9_]*)$/, 10, 0),
  {
    tag: `${CORE}float`,
    default: true,
    test: /^[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?$/,
    resolve: (text) => Number(text.replaceAll('_', '')),
  },
  {
    tag: `${CORE}float`,
    default: true,
    test: /^(?:[-+]?\.(?:inf|Inf|INF)|\.nan|\.NaN|\.NAN)$/,
    resolve: (text) => (/nan/i.test(text) ? Number.NaN : text.startsWith('-') ? -Infinity : Infinity),
  },
];

const BINARY: ScalarTag = {
  tag: `${CORE}binary`,
  resolve: (text, onError) => {
    const clean = text.replace(/\s/g, '');
    const bytes = Buffer.from(clean, 'base64');
    if (bytes.toString('base64') !== clean) onError('!!binary is not base64');
    return bytes.toString('utf8');
  },
};
