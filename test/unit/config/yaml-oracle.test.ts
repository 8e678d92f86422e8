import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseYamlValue } from "../../../src/config/yaml.ts";
import { LbplayErrors } from "../../../src/core/error.ts";
import { PyFloat, type Value } from "../../../src/core/value.ts";

const oracle = new URL("../../oracle/inventory/", import.meta.url).pathname;
const recorded: Readonly<Record<string, unknown>> = JSON.parse(
  readFileSync(join(oracle, "scalars.json"), "utf8"),
);

/** Where this reader differs on purpose: what it does instead, and why. */
const different: Readonly<Record<string, unknown>> = {
  // PyYAML has no value for a merge key that is no key; here it is the text.
  "<<": { str: "<<" },
  // Bytes are no value of the language.
  "!!binary aGk=": { error: true },
  // PyYAML takes no tab inside a plain scalar.
  "a\\tb": { str: "a\tb" },
  // The items of a flow list must be indented here.
  "a: [\\n1,\\n2\\n]": { error: true },
};

const unescaped = (line: string): string =>
  line.replace(/\\(.)/g, (_, char: string) => ({ n: "\n", t: "\t" })[char] ?? char);

const typed = (value: Value): unknown => {
  if (value === null) return { null: null };
  if (typeof value === "boolean") return { bool: value };
  if (value instanceof PyFloat) return { float: value.value };
  if (typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value)))
    return { int: String(value) };
  if (typeof value === "number") return { float: value };
  if (typeof value === "string") return { str: value };
  if (Array.isArray(value)) return { list: value.map(typed) };
  return { dict: [...(value as ReadonlyMap<Value, Value>)].map(([key, item]) => [typed(key), typed(item)]) }; // what is left is a dict
};

/** The record's floats are Python's repr. */
const asNumbers = (wanted: unknown): unknown => {
  if (Array.isArray(wanted)) return wanted.map(asNumbers);
  if (typeof wanted !== "object" || wanted === null) return wanted;
  if ("float" in wanted) return { float: Number(String(wanted.float).replace("inf", "Infinity")) };
  if ("error" in wanted) return { error: true };
  return Object.fromEntries(Object.entries(wanted).map(([key, item]) => [key, asNumbers(item)]));
};

const read = (text: string): unknown => {
  try {
    return typed(parseYamlValue(text));
  } catch (error) {
    if (error instanceof LbplayErrors) return { error: true };
    throw error;
  }
};

describe("YAML is read as PyYAML's SafeLoader reads it", () => {
  for (const [line, wanted] of Object.entries(recorded))
    test(line, () => {
      expect(read(unescaped(line))).toEqual(line in different ? different[line] : asNumbers(wanted));
    });
});
