const SUFFIX: Record<string, readonly [base: bigint, power: number]> = {
  n: [10n, -9],
  u: [10n, -6],
  m: [10n, -3],
  '': [10n, 0],
  k: [10n, 3],
  M: [10n, 6],
  G: [10n, 9],
  T: [10n, 12],
  P: [10n, 15],
  E: [10n, 18],
  Ki: [2n, 10],
  Mi: [2n, 20],
  Gi: [2n, 30],
  Ti: [2n, 40],
  Pi: [2n, 50],
  Ei: [2n, 60],
};

/**
 * One text for all spellings of a Kubernetes quantity (`1`, `1000m`, `1.0`), for comparison only: the API server writes
 * quantities in its own form. What is no quantity comes back as it is.
 */
export function comparableQuantity(value: unknown): unknown {
  if (typeof value !== 'string' && typeof value !== 'number') return value;
  const match = /^([+-]?)(\d{0,30})(?:\.(\d{0,30}))?(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d{1,2}))?$/.exec(
    String(value).trim(),
  );
  if (match === null) return value;
  const [, sign = '', whole = '', fraction = '', suffix = '', exponent] = match;
  const unit = SUFFIX[suffix];
  if (`${whole}${fraction}` === '' || unit === undefined) return value;
  // In units of 10^-40, which every allowed spelling is a whole number of.
  const scale =
    40 - fraction.length + (exponent === undefined ? 0 : Number(exponent)) + (unit[0] === 10n ? unit[1] : 0);
  if (scale < 0) return `${sign}${whole}.${fraction}${suffix}e${exponent}`;
  const amount = BigInt(`${whole}${fraction}`) * 10n ** BigInt(scale) * (unit[0] === 2n ? 2n ** BigInt(unit[1]) : 1n);
  return `${sign === '-' && amount !== 0n ? '-' : ''}${amount}e-40`;
}
