import { type Obj, PyError, tuple, Undefined, UndefinedUse } from "../objects.ts";
import { binary } from "../python/arithmetic.ts";
import { createSeen } from "../python/compare.ts";
import { toIndex } from "../python/number.ts";
import { iterate, truth } from "../python/operators.ts";
import { attributeReader, ignoreCase } from "./attribute.ts";
import { type Definition, define, type FilterCall } from "./define.ts";

const given = (value: Obj | undefined): Obj => value ?? null;

/** Every item once, where it stands first. */
const once = (items: readonly Obj[], key: (item: Obj) => Obj = (item) => item): Obj[] => {
  const seen = createSeen();
  return items.filter((item) => seen.add(key(item)));
};

const membership = (items: readonly Obj[]): ((item: Obj) => boolean) => {
  const seen = createSeen();
  for (const item of items) seen.add(item);
  return seen.has;
};

/** Without being asked to mind the case, Ansible ignores it. */
const unique = define("unique", ["case_sensitive", "attribute"], (value, [sensitive, attribute]) => {
  const read = attributeReader(given(attribute));
  const minds = sensitive !== undefined && sensitive !== null && truth(sensitive);
  return once(iterate(value), (item) => (minds ? read(item) : ignoreCase(read(item))));
});

const union = (a: Obj, b: Obj): Obj => once(iterate(binary("+", a, b)));

const intersect = (a: Obj, b: Obj): Obj[] => once(iterate(a).filter(membership(iterate(b))));

const difference = (a: Obj, b: Obj): Obj[] => {
  const isIn = membership(iterate(b));
  return once(iterate(a).filter((item) => !isIn(item)));
};

const symmetricDifference = (a: Obj, b: Obj): Obj[] => {
  const isCommon = membership(intersect(a, b));
  return iterate(union(a, b)).filter((item) => !isCommon(item));
};

const sets = (name: string, body: (a: Obj, b: Obj) => Obj): Definition =>
  define(name, ["b!"], (value, [other]) => body(value, given(other)));

const allIterables = (value: Obj, { args }: FilterCall): readonly (readonly Obj[])[] =>
  [value, ...args].map(iterate);

const zip: Definition = [
  "zip",
  (value, call) => {
    const lists = allIterables(value, call);
    const size = Math.min(...lists.map((list) => list.length));
    return Array.from({ length: size }, (_, index) => tuple(lists.map((list) => list[index] ?? null)));
  },
];

const zipLongest: Definition = [
  "zip_longest",
  (value, call) => {
    const fill = given(call.keywords.get("fillvalue"));
    const lists = allIterables(value, call);
    const size = Math.max(...lists.map((list) => list.length));
    return Array.from({ length: size }, (_, index) =>
      tuple(lists.map((list) => (index < list.length ? given(list[index]) : fill))),
    );
  },
];

/** More results than this are refused: they would only fill the memory. */
const MOST_RESULTS = 5_000_000;

const product: Definition = [
  "product",
  (value, call) => {
    const repeat = toIndex(call.keywords.get("repeat") ?? 1);
    const lists = allIterables(value, call);
    const all = Array.from({ length: repeat }, () => lists).flat();
    if (all.reduce((size, list) => size * list.length, 1) > MOST_RESULTS) {
      throw new PyError("OverflowError", "the product has too many items");
    }
    const rows = all.reduce(
      (done: readonly (readonly Obj[])[], list) => done.flatMap((row) => list.map((item) => [...row, item])),
      [[]],
    );
    return rows.map(tuple);
  },
];

/** Choices of `size` positions; with `ordered`, in every order. */
const choose = (count: number, size: number, ordered: boolean): readonly (readonly number[])[] => {
  const out: number[][] = [];
  const extend = (row: readonly number[]): void => {
    if (out.length > MOST_RESULTS) throw new PyError("OverflowError", "there are too many results");
    if (row.length === size) {
      out.push([...row]);
      return;
    }
    const first = ordered || row.length === 0 ? 0 : (row.at(-1) ?? 0) + 1;
    for (let index = first; index < count; index += 1)
      if (!ordered || !row.includes(index)) extend([...row, index]);
  };
  extend([]);
  return out;
};

const choices = (name: string, ordered: boolean, sizeRequired: boolean): Definition =>
  define(name, [sizeRequired ? "r!" : "r"], (value, [size]) => {
    const items = iterate(value);
    const wanted = size === undefined || size === null ? items.length : toIndex(size);
    return choose(items.length, wanted, ordered).map((row) => tuple(row.map((index) => given(items[index]))));
  });

const demandBoth = (a: Obj, b: Obj): void => {
  for (const value of [a, b]) if (value instanceof Undefined) throw new UndefinedUse(value);
};

const checked =
  (body: (a: Obj, b: Obj) => Obj) =>
  (a: Obj, b: Obj): Obj => {
    demandBoth(a, b);
    return body(a, b);
  };

/** Ansible's filters on sets and on combinations. */
export const setFilters: readonly Definition[] = [
  unique,
  sets("union", checked(union)),
  sets("intersect", checked(intersect)),
  sets("difference", checked(difference)),
  sets("symmetric_difference", checked(symmetricDifference)),
  zip,
  zipLongest,
  product,
  choices("permutations", true, false),
  choices("combinations", false, true),
];
