import { LbplayError } from "../core/error.ts";
import { type Dict, dict, isDict, isList, type Value } from "../core/value.ts";

type ListLookup = (terms: readonly Value[], options: Dict) => readonly Value[];

const listOf = (value: Value): readonly Value[] => (isList<Value>(value) ? value : [value]);

const items: ListLookup = (terms) => terms.flatMap(listOf);

const flattened: ListLookup = (terms) =>
  terms.flatMap((term) => (isList<Value>(term) ? flattened(term, new Map()) : term === null ? [] : [term]));

const indexedItems: ListLookup = (terms) => items(terms, new Map()).map((item, index) => [index, item]);

const dictItems: ListLookup = (terms) =>
  terms.flatMap((term) => {
    if (!isDict<Value>(term)) throw expected("dict", "a mapping");
    return [...term].map(([key, value]) => dict({ key, value }));
  });

const together: ListLookup = (terms) => {
  const lists = terms.map(listOf);
  const longest = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, index) => lists.map((list) => list[index] ?? null));
};

const nested: ListLookup = (terms) =>
  terms
    .map(listOf)
    .reduce<readonly (readonly Value[])[]>(
      (rows, list) => rows.flatMap((row) => list.map((item) => [...row, item])),
      [[]],
    );

const subelements: ListLookup = (terms) => {
  const [elements, key, flags] = terms;
  if (elements === undefined || typeof key !== "string")
    throw expected("subelements", "a list and the name of a key");
  const skipMissing = isDict<Value>(flags) && flags.get("skip_missing") === true;
  const rows = isDict<Value>(elements) ? [...elements.values()] : listOf(elements);
  return rows.flatMap((row) => {
    const found = key
      .split(".")
      .reduce<Value | undefined>((at, name) => (isDict<Value>(at) ? at.get(name) : undefined), row);
    if (isList<Value>(found)) {
      const rest = without(row, key.split("."));
      return found.map((item) => [rest, item]);
    }
    if (skipMissing) return [];
    throw expected("subelements", `a list under ${key} in every item`);
  });
};

/** The element without the list that its rows are made of, as Ansible gives it. */
const without = (row: Value, [name = "", ...deeper]: readonly string[]): Value =>
  isDict<Value>(row)
    ? new Map(
        [...row]
          .filter(([key]) => key !== name || deeper.length > 0)
          .map(([key, value]) => [key, key === name ? without(value, deeper) : value]),
      )
    : row;

/** `start=1 end=5 stride=2 format=host%02d`, `count=3`, or `1-5/2:host%02d`. */
const sequence: ListLookup = (terms, options) =>
  (terms.length === 0 ? [""] : terms).flatMap((term) => {
    const settings = sequenceSettings(String(term), options);
    const start = Number(settings.get("start") ?? 1);
    const stride = Number(settings.get("stride") ?? 1);
    const count = settings.get("count");
    const end = count === undefined ? Number(settings.get("end")) : start + stride * (Number(count) - 1);
    if (!Number.isFinite(end) || stride === 0)
      throw expected("sequence", "end or count, and a stride that is not zero");
    if (stride > 0 && end < start && count === undefined)
      throw expected("sequence", "a negative stride to count backwards");
    if (stride < 0 && end > start && count === undefined)
      throw expected("sequence", "a positive stride to count forward");
    const length = Math.max(0, Math.floor((end - start) / stride) + 1);
    return Array.from({ length: count === "0" ? 0 : length }, (_, index) =>
      formatNumber(String(settings.get("format") ?? "%d"), start + index * stride),
    );
  });

const sequenceSettings = (term: string, options: Dict): ReadonlyMap<string, string> => {
  const named = new Map([...options].map(([key, value]) => [String(key), String(value)] as const));
  const short = /^(?:(\d+)-)?(\d+)(?:\/(-?\d+))?(?::(.+))?$/.exec(term.trim());
  const parts: readonly (readonly [string, string | undefined])[] =
    short === null
      ? [...term.matchAll(/(\w+)=(\S+)/g)].map(([, key = "", value]) => [key, value] as const)
      : [
          ["start", short[1]],
          ["end", short[2]],
          ["stride", short[3]],
          ["format", short[4]],
        ];
  return new Map([
    ...named,
    ...parts.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])),
  ]);
};

const formatNumber = (format: string, value: number): string =>
  format.replace(/%(0?)(\d*)([dxo])/g, (_, zero: string, width: string, kind: string) =>
    value
      .toString(kind === "x" ? 16 : kind === "o" ? 8 : 10)
      .padStart(Number(width === "" ? 0 : width), zero === "0" ? "0" : " "),
  );

const expected = (lookup: string, what: string): LbplayError =>
  new LbplayError({ code: "E_LOOKUP", message: `the lookup ${lookup} expects ${what}` });

/** The lookups that only rearrange their terms, by name. */
export const LIST_LOOKUPS: ReadonlyMap<string, ListLookup> = new Map([
  ["items", items],
  ["list", (terms) => terms],
  ["flattened", flattened],
  ["indexed_items", indexedItems],
  ["dict", dictItems],
  ["together", together],
  ["nested", nested],
  ["cartesian", nested],
  ["subelements", subelements],
  ["sequence", sequence],
]);
