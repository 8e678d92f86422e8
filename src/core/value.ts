import type { Place } from "./error.ts";

/**
 * A Python float whose value is integral (`1.0`), which a JavaScript number cannot tell from the int `1`.
 * Every other float is a plain number.
 */
export class PyFloat {
  readonly kind = "float";
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/**
 * The data of playbooks, inventories and templates: Python's plain types as Ansible users meet them.
 * None is null, int is an integral number (bigint beyond 2^53), float is a fractional number or a PyFloat,
 * dict is a Map (so integer keys and their order survive), list is an array.
 */
export type Value = null | boolean | number | bigint | PyFloat | string | readonly Value[] | Dict;

/** A Python dict in insertion order. */
export type Dict = ReadonlyMap<Value, Value>;

/**
 * A string of a user's file that holds Jinja2 (`{{`, `{%` or `{#`) and is rendered when it is looked at.
 * Only files make Templates; data that comes from a node is never rendered, whatever it contains.
 */
export interface Template {
  readonly kind: "template";
  readonly source: string;
  readonly at: Place | null;
}

/** A value as a file holds it: anywhere in it there may still be templates. */
export type Source = Value | Template | readonly Source[] | SourceDict;

/** A mapping that may hold templates, in file order. */
export type SourceDict = ReadonlyMap<Value, Source>;

/** A bare Jinja2 expression, as in `when:` or `until:`. */
export interface Expression {
  readonly source: string;
  readonly at: Place | null;
}

/** True for a string that still has to be rendered. */
export const isTemplate = (value: unknown): value is Template =>
  typeof value === "object" && value !== null && "kind" in value && value.kind === "template";

/** True for a dict. */
export const isDict = <T>(value: unknown | ReadonlyMap<Value, T>): value is ReadonlyMap<Value, T> =>
  value instanceof Map;

/** True for a list; narrows readonly arrays, which Array.isArray does not. */
export const isList = <T>(value: unknown | readonly T[]): value is readonly T[] => Array.isArray(value);

/** A dict of string keys from an object literal. */
export const dict = (entries: Readonly<Record<string, Value>>): Dict => new Map(Object.entries(entries));

/** Plain JSON data (objects instead of dicts); keys become strings, integral floats numbers, big ints strings. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A value as plain JSON data, for schemas, events and files. */
export const toJson = (value: Value): Json => {
  if (value instanceof PyFloat) return value.value;
  if (typeof value === "bigint") return value.toString();
  if (isList<Value>(value)) return value.map(toJson);
  if (isDict<Value>(value)) {
    return Object.fromEntries([...value].map(([key, item]) => [String(key), toJson(item)]));
  }
  return value;
};

/** The value of plain JSON data; the other way of toJson. */
export const fromJson = (json: Json): Value => {
  if (json === null || typeof json !== "object") return json;
  if (isList<Json>(json)) return json.map(fromJson);
  return new Map(Object.entries(json).map(([key, item]) => [key, fromJson(item)]));
};
