import { remembered } from "./remembered.ts";
import type { Schema } from "./schema.ts";
import { type Dict, isDict, isList, PyFloat, toJson, type Value } from "./value.ts";

/** The outcome of reading a value by a schema: plain data, or the paths at which it does not fit. */
export interface Coerced {
  readonly value: unknown;
  readonly faults: readonly CoercionFault[];
}

/** A value of the wrong kind, at a path of keys and indexes. */
export interface CoercionFault {
  readonly path: readonly string[];
  readonly message: string;
}

/**
 * A value as plain data of the schema's types, the way Ansible reads module arguments: "yes" is true where a boolean
 * is asked for, "80" is 80, a number is its text where a string is asked for, one text is a list of one (or of its
 * comma-separated parts). Aliases become the property's name, absent properties get their default, or null.
 */
export const coerce = (schema: Schema, value: Value): Coerced => {
  const faults: CoercionFault[] = [];
  return { value: coerceAt(schema, value, [], faults), faults };
};

const coerceAt = (
  schema: Schema,
  value: Value,
  path: readonly string[],
  faults: CoercionFault[],
): unknown => {
  if (schema["x-raw"] === true) return value;
  const types = typesOf(schema);
  if (value === null)
    return types.length === 0 || types.includes("null") ? null : mismatch(schema, value, path, faults);
  if (types.length === 0) return coerceOpen(schema, value, path, faults);
  for (const type of types) {
    const typed = asType(type, schema, value, path, faults);
    if (typed !== undefined) return typed;
  }
  return mismatch(schema, value, path, faults);
};

/** A schema of alternatives: the first that fits without a fault. */
const coerceOpen = (
  schema: Schema,
  value: Value,
  path: readonly string[],
  faults: CoercionFault[],
): unknown => {
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives === undefined) return toJson(value);
  let last: CoercionFault[] = [];
  for (const alternative of alternatives) {
    const tried: CoercionFault[] = [];
    const result = coerceAt(alternative, value, path, tried);
    if (tried.length === 0) return result;
    last = tried;
  }
  faults.push(...last);
  return toJson(value);
};

const typesOf = (schema: Schema): readonly string[] =>
  schema.type === undefined ? [] : typeof schema.type === "string" ? [schema.type] : schema.type;

const asType = (
  type: string,
  schema: Schema,
  value: Value,
  path: readonly string[],
  faults: CoercionFault[],
): unknown => {
  switch (type) {
    case "boolean":
      return toBoolean(value);
    case "integer":
      return toInteger(value);
    case "number":
      return toNumber(value);
    case "string":
      return wordOf(schema, value) ?? toText(value);
    case "array":
      return toList(schema, value, path, faults);
    case "object":
      return isDict<Value>(value) ? toObject(schema, value, path, faults) : undefined;
    default:
      return undefined;
  }
};

const mismatch = (
  schema: Schema,
  value: Value,
  path: readonly string[],
  faults: CoercionFault[],
): unknown => {
  faults.push({
    path,
    message: `expected ${typesOf(schema).map(typeName).join(" or ")}, found ${shown(value)}`,
  });
  return toJson(value);
};

const typeName = (type: string): string =>
  ({
    boolean: "a boolean",
    integer: "an integer",
    number: "a number",
    string: "a text",
    array: "a list",
    object: "a mapping",
  })[type] ?? type;

const shown = (value: Value): string => {
  const text = JSON.stringify(toJson(value));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
};

const TRUE_WORDS = new Set(["yes", "on", "1", "true", "t", "y"]);
const FALSE_WORDS = new Set(["no", "off", "0", "false", "f", "n"]);

const toBoolean = (value: Value): boolean | undefined => {
  if (typeof value === "boolean") return value;
  if (value === 1) return true;
  if (value === 0) return false;
  if (typeof value !== "string") return undefined;
  const word = value.trim().toLowerCase();
  return TRUE_WORDS.has(word) ? true : FALSE_WORDS.has(word) ? false : undefined;
};

const toInteger = (value: Value): number | undefined => {
  if (typeof value === "number") return Number.isInteger(value) ? value : undefined;
  if (value instanceof PyFloat) return value.value;
  if (typeof value === "string" && /^\s*[-+]?\d+\s*$/.test(value)) return Number.parseInt(value, 10);
  return undefined;
};

const toNumber = (value: Value): number | undefined => {
  if (typeof value === "number") return value;
  if (value instanceof PyFloat) return value.value;
  if (typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value)))
    return Number(value);
  return undefined;
};

/** YAML makes a boolean of `upgrade: yes`; where one of the allowed words means it, that word was meant. */
const wordOf = ({ enum: words = [] }: Schema, value: Value): string | undefined => {
  if (typeof value !== "boolean") return undefined;
  const meant = words.filter(
    (word) => typeof word === "string" && (value ? TRUE_WORDS : FALSE_WORDS).has(word),
  );
  return meant.length === 1 ? String(meant[0]) : undefined;
};

const toText = (value: Value): string | undefined => {
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  if (value instanceof PyFloat) return value.value.toFixed(1);
  return undefined;
};

const toList = (
  schema: Schema,
  value: Value,
  path: readonly string[],
  faults: CoercionFault[],
): readonly unknown[] | undefined => {
  const items = isList<Value>(value)
    ? value
    : typeof value === "string"
      ? value.split(",").map((part) => part.trim())
      : typeof value === "number"
        ? [value]
        : undefined;
  if (items === undefined) return undefined;
  const itemSchema = schema.items ?? {};
  return items.map((item, index) => coerceAt(itemSchema, item, [...path, String(index)], faults));
};

const toObject = (schema: Schema, value: Dict, path: readonly string[], faults: CoercionFault[]): object => {
  const properties = schema.properties ?? {};
  const canonical = aliasesOf(properties);
  const result: Record<string, unknown> = {};
  for (const [key, item] of value) {
    const name = canonical.get(String(key)) ?? String(key);
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    const inner =
      property ?? (typeof schema.additionalProperties === "object" ? schema.additionalProperties : {});
    const optional = property !== undefined && !(schema.required ?? []).includes(name);
    result[name] = item === null && optional ? null : coerceAt(inner, item, [...path, String(key)], faults);
  }
  for (const [name, property] of Object.entries(properties)) {
    if (!Object.hasOwn(result, name) || result[name] === null) {
      if ((schema.required ?? []).includes(name)) continue;
      result[name] = property.default === undefined ? null : structuredClone(property.default);
    }
  }
  return result;
};

/** The name of each property under all names it answers to. */
export const aliasesOf = remembered(
  (properties: Readonly<Record<string, Schema>>): ReadonlyMap<string, string> =>
    new Map(
      Object.entries(properties).flatMap(([name, property]) => [
        [name, name] as const,
        ...(property["x-aliases"] ?? []).map((alias) => [alias, name] as const),
      ]),
    ),
);
