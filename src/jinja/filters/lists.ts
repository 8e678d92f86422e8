import { onlyAttribute } from "../attributes.ts";
import {
  GroupTuple,
  isMapping,
  isSequence,
  type Obj,
  PyError,
  tuple,
  Undefined,
  UndefinedUse,
} from "../objects.ts";
import { binary } from "../python/arithmetic.ts";
import { compare, equal } from "../python/compare.ts";
import { needText, optionalInt } from "../python/method-arguments.ts";
import { iterate, length, truth } from "../python/operators.ts";
import { str } from "../python/print.ts";
import { attributeReader, attributesReader, ignoreCase } from "./attribute.ts";
import { type Definition, define } from "./define.ts";

const given = (value: Obj | undefined): Obj => value ?? null;

/** A stable sort by keys; in reverse, equal items keep their order, as in Python. */
const sortBy = (items: readonly Obj[], key: (item: Obj) => Obj, reverse: boolean): Obj[] =>
  items
    .map((item) => ({ item, key: key(item) }))
    .sort((a, b) => (reverse ? compare(b.key, a.key) : compare(a.key, b.key)))
    .map(({ item }) => item);

const fold = (caseSensitive: Obj | undefined): ((value: Obj) => Obj) =>
  truth(caseSensitive ?? false) ? (value) => value : ignoreCase;

const sort = define(
  "sort",
  ["reverse", "case_sensitive", "attribute"],
  (value, [reverse, sensitive, attribute]) => {
    const read = attributesReader(given(attribute));
    const change = fold(sensitive);
    return sortBy(iterate(value), (item) => read(item).map(change), truth(reverse ?? false));
  },
);

const dictSort = define(
  "dictsort",
  ["case_sensitive", "by", "reverse"],
  (value, [sensitive, by, reverse]) => {
    if (value instanceof Undefined) throw new UndefinedUse(value);
    if (!isMapping(value)) throw new PyError("AttributeError", "dictsort wants a dict");
    const part = by === undefined ? "key" : needText(by, "by");
    if (part !== "key" && part !== "value") {
      throw new PyError("FilterError", 'You can only sort by either "key" or "value"');
    }
    const change = fold(sensitive);
    const position = part === "key" ? 0 : 1;
    const items = [...value].map((pair) => tuple(pair));
    return sortBy(items, (pair) => change(iterate(pair)[position] ?? null), truth(reverse ?? false));
  },
);

const groupBy = define(
  "groupby",
  ["attribute!", "default", "case_sensitive"],
  (value, [attribute, otherwise, sensitive]) => {
    const read = attributeReader(given(attribute), given(otherwise));
    const change = fold(sensitive);
    const key = (item: Obj): Obj => change(read(item));
    const groups: { key: Obj; items: Obj[] }[] = [];
    for (const item of sortBy(iterate(value), key, false)) {
      const last = groups.at(-1);
      if (last !== undefined && equal(last.key, key(item))) last.items.push(item);
      else groups.push({ key: key(item), items: [item] });
    }
    return groups.map(({ items }) => groupTuple(read(items[0] ?? null), items));
  },
);

const groupTuple = (grouper: Obj, list: Obj): Obj => {
  const pair = new GroupTuple();
  pair.push(grouper, list);
  return pair;
};

const extreme = (name: "min" | "max"): Definition =>
  define(name, ["case_sensitive", "attribute"], (value, [sensitive, attribute]) => {
    const read = attributeReader(given(attribute));
    const change = fold(sensitive);
    const sign = name === "min" ? 1 : -1;
    let best: { item: Obj; key: Obj } | null = null;
    for (const item of iterate(value)) {
      const key = change(read(item));
      const better =
        best === null || (sign === 1 ? compare(key, best.key) < 0 : compare(key, best.key, ">") > 0);
      if (better) best = { item, key };
    }
    return best === null ? new Undefined({ message: "No aggregated item, sequence was empty." }) : best.item;
  });

const sum = define("sum", ["attribute", "start"], (value, [attribute, start]) => {
  const read = attributeReader(given(attribute));
  return iterate(value).reduce((total: Obj, item) => binary("+", total, read(item)), start ?? 0);
});

const join = define("join", ["d", "attribute"], (value, [separator, attribute]) => {
  const read =
    attribute === undefined || attribute === null ? (item: Obj): Obj => item : attributeReader(attribute);
  return iterate(value)
    .map((item) => str(read(item)))
    .join(str(separator ?? ""));
});

const slices = define("slice", ["slices!", "fill_with"], (value, [slicesGiven, fill]) => {
  const items = iterate(value);
  const count = optionalInt(slicesGiven, 1);
  if (count === 0) throw new PyError("ZeroDivisionError", "integer division or modulo by zero");
  const size = Math.floor(items.length / count);
  const extra = items.length % count;
  const out: Obj[] = [];
  let from = 0;
  for (let index = 0; index < count; index += 1) {
    const part = items.slice(from, from + size + (index < extra ? 1 : 0));
    from += part.length;
    out.push(fill !== undefined && fill !== null && index >= extra ? [...part, fill] : [...part]);
  }
  return out;
});

const batch = define("batch", ["linecount!", "fill_with"], (value, [lineCount, fill]) => {
  const size = optionalInt(lineCount, 1);
  const items = iterate(value);
  const out: Obj[][] = [];
  for (const item of items) {
    const last = out.at(-1);
    if (last === undefined || last.length === size) out.push([item]);
    else last.push(item);
  }
  const last = out.at(-1);
  if (last !== undefined && fill !== undefined && fill !== null) while (last.length < size) last.push(fill);
  return out;
});

const edge = (name: "first" | "last"): Definition =>
  define(name, [], (value) => {
    const items = iterate(value);
    const message = `No ${name} item, sequence was empty.`;
    const found = name === "first" ? items[0] : items.at(-1);
    return found === undefined ? new Undefined({ message }) : found;
  });

const items = define("items", [], (value) => {
  if (value instanceof Undefined) return [];
  if (!isMapping(value)) throw new PyError("TypeError", "Can only get item pairs from a mapping.");
  return [...value].map((pair) => tuple(pair));
});

const defaults = ["default", "d"].map((name) =>
  define(name, ["default_value", "boolean"], (value, [otherwise, boolean]) => {
    if (value instanceof Undefined) return otherwise ?? "";
    return truth(boolean ?? false) && !truth(value) ? (otherwise ?? "") : value;
  }),
);

const list = define("list", [], (value) => (isSequence(value) ? Array.from(value) : [...iterate(value)]));

/** Jinja2's filters on lists and dicts. */
export const listFilters: readonly Definition[] = [
  ...defaults,
  define("length", [], length),
  define("count", [], length),
  list,
  join,
  sort,
  dictSort,
  groupBy,
  extreme("min"),
  extreme("max"),
  sum,
  slices,
  batch,
  edge("first"),
  edge("last"),
  items,
  define("attr", ["name!"], (value, [name]) => onlyAttribute(value, needText(name, "name"))),
];
