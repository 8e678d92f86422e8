import { isMapping, isSequence, type MutableDict, type Obj, PyError, Tuple } from "../objects.ts";
import { equal, lookup, store } from "../python/compare.ts";
import { truth } from "../python/operators.ts";
import { str } from "../python/print.ts";
import { typeOf } from "../python/type.ts";
import type { Definition } from "./define.ts";
import { demandDefined } from "./defined.ts";
import { flatten } from "./flatten.ts";

const LIST_MERGES = ["replace", "keep", "append", "prepend", "append_rp", "prepend_rp"] as const;
type ListMerge = (typeof LIST_MERGES)[number];

interface Merge {
  readonly recursive: boolean;
  readonly lists: ListMerge;
}

/** Ansible's combine: later dicts win over earlier ones. */
export const combineFilters: readonly Definition[] = [
  [
    "combine",
    (value, { args, keywords }) => {
      for (const name of keywords.keys()) {
        if (name !== "recursive" && name !== "list_merge") {
          throw new PyError(
            "FilterError",
            "'recursive' and 'list_merge' are the only valid keyword arguments",
          );
        }
      }
      const merge: Merge = {
        recursive: truth(keywords.get("recursive") ?? false),
        lists: listMerge(str(keywords.get("list_merge") ?? "replace")),
      };
      const dicts = flatten([value, ...args], 1, true);
      for (const dict of dicts) demandDefined(dict);
      const [last, ...others] = [...dicts].reverse();
      if (last === undefined) return new Map();
      return others.reduce((high: Obj, low) => mergeDicts(low, high, merge), last);
    },
  ],
];

const listMerge = (name: string): ListMerge => {
  const found = LIST_MERGES.find((candidate) => candidate === name);
  if (found === undefined) {
    throw new PyError(
      "FilterError",
      `'list_merge' can only be one of ${LIST_MERGES.map((merge) => `'${merge}'`).join(", ")}`,
    );
  }
  return found;
};

/** A new dict with all of `high`, and of `low` what `high` has not. */
const mergeDicts = (low: Obj, high: Obj, merge: Merge): MutableDict => {
  if (!isMapping(low) || !isMapping(high)) {
    const other = isMapping(low) ? high : low;
    throw new PyError(
      "FilterError",
      `failed to combine variables, expected dicts but got a '${typeOf(other)}'`,
    );
  }
  if (low.size === 0 || equal(low, high)) return new Map(high);
  const made: MutableDict = new Map(low);
  for (const [key, value] of high) {
    const before = lookup(made, key);
    store(made, key, before === undefined ? value : mergeValues(before, value, merge));
  }
  return made;
};

const isList = (value: Obj): value is readonly Obj[] => isSequence(value) && !(value instanceof Tuple);

const mergeValues = (low: Obj, high: Obj, merge: Merge): Obj => {
  if (isMapping(low) && isMapping(high)) return merge.recursive ? mergeDicts(low, high, merge) : high;
  if (!isList(low) || !isList(high)) return high;
  const others = (): Obj[] => low.filter((item) => !high.some((other) => equal(item, other)));
  switch (merge.lists) {
    case "replace":
      return high;
    case "keep":
      return low;
    case "append":
      return [...low, ...high];
    case "prepend":
      return [...high, ...low];
    case "append_rp":
      return [...others(), ...high];
    case "prepend_rp":
      return [...high, ...others()];
  }
};
