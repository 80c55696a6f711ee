import type { KubeObject } from '../../kube/types.ts';
import { canonicalJson } from '../../manifest/canonical.ts';
import { isVolatile } from '../compare.ts';
import { type FieldDifference, fieldOf, isFields, itemOf, memberOf, type Place, rootOf } from './difference.ts';
import { listRule } from './list-rules.ts';
import { isSecret, maskSecret } from './secret.ts';

/**
 * Every field in which an object is not what the API server's dry run predicts: what {@link firstDifference} finds the first
 * of, with values. Values of Secrets are masked.
 */
export function predictedDifferences(live: KubeObject, predicted: KubeObject): FieldDifference[] {
  const { status: _l, ...before } = live;
  const { status: _p, ...after } = predicted;
  const found = differences(live.kind, before, after, rootOf(live));
  return isSecret(live) ? found.map(maskSecret) : found;
}

function differences(kind: string, live: unknown, predicted: unknown, place: Place): FieldDifference[] {
  if (canonicalJson([live]) === canonicalJson([predicted])) return [];
  if (isFields(live) && isFields(predicted)) {
    return [...new Set([...Object.keys(live), ...Object.keys(predicted)])]
      .filter((name) => !(place.text === 'metadata' && isVolatile(name)))
      .flatMap((name) => differences(kind, memberOf(live, name), memberOf(predicted, name), fieldOf(place, name)));
  }
  if (Array.isArray(live) && Array.isArray(predicted)) return listDifferences(kind, live, predicted, place);
  if (live === undefined) return [{ path: place.text, change: 'add', desired: predicted }];
  if (predicted === undefined) return [{ path: place.text, change: 'remove', live }];
  return [{ path: place.text, change: 'change', live, desired: predicted }];
}

function listDifferences(
  kind: string,
  live: readonly unknown[],
  predicted: readonly unknown[],
  place: Place,
): FieldDifference[] {
  const rule = listRule(place, kind, [live, predicted]);
  const labelOf = rule.keyed ? rule.labelOf : undefined;
  const labels = (items: readonly unknown[]): string[] => items.map((item, i) => labelOf?.(item) ?? String(i));
  const [before, after] = [labels(live), labels(predicted)];
  const found = [...new Set([...before, ...after])].flatMap((label) => {
    const [was, will] = [live[before.indexOf(label)], predicted[after.indexOf(label)]];
    return differences(kind, was, will, itemOf(place, label));
  });
  // The same items in another order.
  return found.length > 0 || (rule.keyed && rule.whole && !rule.ordered)
    ? found
    : [{ path: `${place.text} (order)`, change: 'change', live: before.join(' '), desired: after.join(' ') }];
}
