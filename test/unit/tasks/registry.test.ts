import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { coerce } from "../../../src/core/coerce.ts";
import type { Schema } from "../../../src/core/schema.ts";
import type { Params } from "../../../src/core/task.ts";
import { fromJson, type Json } from "../../../src/core/value.ts";
import { tasks } from "../../../src/tasks/registry.ts";

test("no two modules answer to the same name", () => {
  const names = tasks.flatMap(({ name, aliases }) => [name, ...aliases]);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test("the modules are listed in alphabetical order of their folders", () => {
  const names = tasks.map(({ name }) => name.replaceAll("_", "-"));
  expect(names).toEqual([...names].sort());
});

describe.each(tasks.map((task) => ({ task, name: task.name })))("$name", ({ task }) => {
  test("has a summary, and a sentence for each parameter", () => {
    const bare = Object.entries(task.schema.properties ?? {}).filter(
      ([, { description }]) => !/\S.*\.$/s.test(description ?? ""),
    );
    expect(bare.map(([name]) => name)).toEqual([]);
    expect(task.summary).toMatch(/^[A-Z].*\.$/);
  });

  test("refuses parameters that nobody knows, unless any name is one", () => {
    const { type, additionalProperties } = task.schema;
    expect({ type, open: additionalProperties !== false }).toEqual({
      type: "object",
      open: ["add_host", "set_fact"].includes(task.name),
    });
  });

  test("has an example that its own schema and rules accept", () => {
    for (const [module, args] of exampleTasks(task.example)) {
      expect([task.name, ...task.aliases]).toContain(module);
      const { value, faults } = coerce(task.schema, fromJson(argumentsOf(args, task.freeForm)));
      expect(faults).toEqual([]);
      // Coercion gives an object for a mapping.
      const params = value as Params;
      expect(schemaFaults(task.schema, params)).toEqual([]);
      expect(task.rules(params)).toEqual([]);
    }
  });
});

const KEYWORDS = new Set([
  "name",
  "when",
  "register",
  "loop",
  "vars",
  "become",
  "notify",
  "changed_when",
  "failed_when",
  "tags",
  "args",
  "until",
  "retries",
  "delay",
  "check_mode",
  "environment",
]);

const exampleTasks = (example: string): readonly (readonly [string, Json])[] => {
  // Any text will do for an expression.
  const steps = parse(example.replace(/\{\{.*?\}\}/g, "lb1"), { version: "1.1" }) as readonly Record<
    string,
    Json
  >[];
  return steps.flatMap((step) => Object.entries(step).filter(([key]) => !KEYWORDS.has(key)));
};

const argumentsOf = (args: Json, freeForm: string | null): Json =>
  args === null ? {} : typeof args === "string" && freeForm !== null ? { [freeForm]: args } : args;

const ajv = new Ajv({ strict: false });

const schemaFaults = (schema: Schema, params: Params): readonly unknown[] => {
  ajv.validate(schema, withoutNulls(params));
  return ajv.errors ?? [];
};

/** Absent optional properties are null after coercion, at any depth, which no schema says of itself. */
const withoutNulls = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => (item === null ? [] : [[key, withoutNulls(item)]])),
  );
};
