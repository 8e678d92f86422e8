/** A source of numbers that gives the same ones for the same seed, so that a failure can be had again. */
export interface Random {
  /** A whole number from 0 up to, but not including, `end`. */
  readonly below: (end: number) => number;
  readonly pick: <T>(items: readonly T[]) => T;
  /** `count` different ones of the items, in any order. */
  readonly sample: <T>(items: readonly T[], count: number) => readonly T[];
}

/** Mulberry32: small, and good enough to choose among disturbances. */
export const seeded = (seed: number): Random => {
  let state = seed >>> 0;
  const below = (end: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % end;
  };
  const pick = <T>(items: readonly T[]): T => {
    const item = items[below(items.length)];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  };
  const sample = <T>(items: readonly T[], count: number): readonly T[] => {
    const left = [...items];
    return Array.from({ length: Math.min(count, left.length) }, () => {
      const [item] = left.splice(below(left.length), 1);
      if (item === undefined) throw new Error("nothing left to pick");
      return item;
    });
  };
  return { below, pick, sample };
};
