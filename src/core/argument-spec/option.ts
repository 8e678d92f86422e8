import { remembered } from "../remembered.ts";
import { isDict, isList, type Value } from "../value.ts";

/** An argument spec: options by name. What is in an option stays as it was written. */
export type ArgumentSpec = ReadonlyMap<Value, Value>;

/** One option of an argument spec: `type`, `required`, `choices`, … */
export type Option = ReadonlyMap<Value, Value>;

/**
 * Stands for a value that nobody knows yet, where arguments are validated before a run: it fits whatever is asked for,
 * and may turn out to be left out. Told apart from other dicts by identity.
 */
export const UNDECIDED: ReadonlyMap<Value, Value> = new Map();

/** The options of a spec; what is no mapping is passed over (`specFaults` tells it). */
export const optionsOf = remembered((spec: ArgumentSpec): readonly (readonly [string, Option])[] =>
  [...spec].flatMap(([name, option]) => (isDict<Value>(option) ? [[String(name), option] as const] : [])),
);

/** The type that an option asks for; a text where it says nothing. */
export const typeName = (option: Option): string => textAt(option, "type") ?? "str";

/** The type of a list's elements; null where any will do. */
export const elementsName = (option: Option): string | null => textAt(option, "elements");

const textAt = (option: Option, key: string): string | null => {
  const value = option.get(key);
  return typeof value === "string" && value !== "" ? value : null;
};

/** The options of an option's own mapping, or of the mappings in its list; null for none. */
export const subSpecOf = (option: Option): ArgumentSpec | null => {
  const options = option.get("options");
  const wanted = typeName(option);
  const nests = wanted === "dict" || (wanted === "list" && elementsName(option) === "dict");
  return nests && isDict<Value>(options) ? options : null;
};

/** A truthy flag of an option (`required`, `no_log`, `apply_defaults`). */
export const isFlagged = (option: Option, key: string): boolean => {
  const value = option.get(key) ?? null;
  return value !== null && value !== false && value !== 0 && value !== "";
};

/** The other names of each option, with the option they stand for. */
export const aliasesIn = remembered(
  (spec: ArgumentSpec): ReadonlyMap<string, string> =>
    new Map(
      optionsOf(spec).flatMap(([name, option]) => {
        const aliases = option.get("aliases");
        return isList<Value>(aliases) ? aliases.map((alias) => [String(alias), name] as const) : [];
      }),
    ),
);

/** A list's members; a single value is a list of one. */
export const listOf = (value: Value | undefined): readonly Value[] =>
  value === undefined || value === null ? [] : isList<Value>(value) ? value : [value];
