/**
 * A pure function of an object that is computed once per object. Only for objects that are never changed in place, as those
 * from the caches: a hash of an unchanged template is then not taken again at every look.
 */
export function onceByIdentity<A extends object, R>(compute: (argument: A) => R): (argument: A) => R {
  const known = new WeakMap<A, { result: R }>();
  return (argument) => {
    const found = known.get(argument) ?? { result: compute(argument) };
    known.set(argument, found);
    return found.result;
  };
}
