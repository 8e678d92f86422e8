import { isSequence, type Obj, textOf, Undefined, UndefinedUse } from "../objects.ts";

/** Lists inside a list in its place, `levels` deep (null: all of them); nulls are left out where asked for. */
export const flatten = (items: readonly Obj[], levels: number | null, skipNulls: boolean): Obj[] => {
  const out: Obj[] = [];
  for (const item of items) {
    if (item instanceof Undefined) throw new UndefinedUse(item);
    const text = textOf(item);
    if (skipNulls && (item === null || text === "None" || text === "null")) continue;
    if (isSequence(item) && (levels === null || levels >= 1)) {
      out.push(...flatten(item, levels === null ? null : levels - 1, skipNulls));
    } else {
      out.push(item);
    }
  }
  return out;
};
