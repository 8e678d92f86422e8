/** A pure function of things that never change: what it gave for one is kept for as long as that one is. */
export const remembered = <Thing extends object, Result>(
  work: (thing: Thing) => Result,
): ((thing: Thing) => Result) => {
  const known = new WeakMap<Thing, { readonly result: Result }>();
  return (thing) => {
    const before = known.get(thing);
    if (before !== undefined) return before.result;
    const result = work(thing);
    known.set(thing, { result });
    return result;
  };
};
