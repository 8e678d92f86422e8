import { describe, expect, test } from "vitest";
import { coerce } from "../../../src/core/coerce.ts";
import { LbplayError } from "../../../src/core/error.ts";
import type { ControllerReport, Params, Task } from "../../../src/core/task.ts";
import { dict, type Value } from "../../../src/core/value.ts";
import { assertTask } from "../../../src/tasks/assert/assert.ts";
import { debug } from "../../../src/tasks/debug/debug.ts";
import { fail } from "../../../src/tasks/fail/fail.ts";
import { setFact } from "../../../src/tasks/set-fact/set-fact.ts";

const VARIABLES: Readonly<Record<string, Value>> = { vip: "10.77.0.100", zero: 0, yes_it_is: true };

/** An expression here is the name of a variable: what the language makes of more is tested with the engine. */
const scope = (verbosity: number) => {
  const evaluate = (name: string): Value => {
    const value = VARIABLES[name];
    if (value === undefined)
      throw new LbplayError({ code: "E_UNDEFINED", message: `'${name}' is undefined` });
    return value;
  };
  return {
    evaluate,
    render: (text: string) => text,
    truth: (name: string) => evaluate(name) === true,
    variable: (name: string) => VARIABLES[name],
    verbosity,
  };
};

const run = (task: Task, args: Readonly<Record<string, Value>>, verbosity = 0): ControllerReport => {
  const { value, faults } = coerce(task.schema, dict(args));
  expect(faults).toEqual([]);
  expect(task.rules(value as Params)).toEqual([]);
  const bound = task.bind(value as Params, []);
  if (bound.kind !== "controller") throw new Error("not a controller module");
  return bound.run(scope(verbosity));
};

const faultsOf = (task: Task, args: Readonly<Record<string, Value>>): readonly string[] =>
  task.rules(coerce(task.schema, dict(args)).value as Params);

const ok = { changed: false, failed: false, facts: new Map() };

describe("debug", () => {
  test("It greets when it has nothing to show.", () => {
    expect(run(debug, {})).toEqual({ ...ok, msg: "Hello world!", values: {} });
  });
  test("A message that is a text is the message; one that is data stays data.", () => {
    expect(run(debug, { msg: "" })).toEqual({ ...ok, msg: "", values: {} });
    expect(run(debug, { msg: [1, "a"] })).toEqual({ ...ok, msg: null, values: { msg: [1, "a"] } });
  });
  test("A variable is shown under its name, zero as zero.", () => {
    expect(run(debug, { var: "zero" })).toEqual({ ...ok, msg: null, values: { zero: 0 } });
  });
  test("A variable that is not there is no failure.", () => {
    const values = { nope: "VARIABLE IS NOT DEFINED!" };
    expect(run(debug, { var: "nope" })).toEqual({ ...ok, msg: null, values });
    expect(run(debug, { var: "nope" }, 1).values).toEqual({
      nope: "VARIABLE IS NOT DEFINED!: 'nope' is undefined",
    });
  });
  test("Above the run's verbosity it is skipped.", () => {
    const values = { skipped: true, skipped_reason: "Verbosity threshold not met." };
    expect(run(debug, { msg: "x", verbosity: 2 }, 1)).toEqual({ ...ok, msg: null, values });
    expect(run(debug, { msg: "x", verbosity: 2 }, 2)).toEqual({ ...ok, msg: "x", values: {} });
  });
  test("A message and a variable exclude each other.", () => {
    expect(faultsOf(debug, { msg: "x", var: "vip" })).toEqual(["'msg' and 'var' are incompatible options"]);
  });
});

describe("assert", () => {
  test("All conditions hold.", () => {
    const report = { ...ok, msg: "All assertions passed", values: {} };
    expect(run(assertTask, { that: ["yes_it_is", true] })).toEqual(report);
    expect(run(assertTask, { that: "yes_it_is", success_msg: ["a", "b"] })).toEqual({
      ...ok,
      msg: "a\nb",
      values: { msg: ["a", "b"] },
    });
  });
  test("The first that does not hold is named.", () => {
    const report = run(assertTask, { that: ["yes_it_is", "zero", "nope"], msg: "no pair" });
    expect(report).toEqual({
      ...ok,
      failed: true,
      msg: "no pair",
      values: { assertion: "zero", evaluated_to: false },
    });
  });
  test("A condition with a comma is one condition.", () => {
    expect(() => run(assertTask, { that: "x in [1, 2]" })).toThrow("'x in [1, 2]' is undefined");
  });
  test("Conditions are needed, and messages are texts.", () => {
    expect(faultsOf(assertTask, { that: [], fail_msg: 5, success_msg: ["a", 1] })).toEqual([
      "that needs at least one condition",
      "fail_msg is a text or a list of texts",
      "success_msg is a text or a list of texts",
    ]);
  });
});

test("fail fails, with its own words or the default ones.", () => {
  expect(run(fail, { msg: "no" })).toEqual({ ...ok, failed: true, msg: "no", values: {} });
  expect(run(fail, {}).msg).toBe("Failed as requested from task");
});

describe("set_fact", () => {
  test("Values keep their types; the four words of truth become booleans.", () => {
    const nested = new Map<Value, Value>([[1, "x"]]);
    const facts = new Map<string, Value>([
      ["a", true],
      ["b", false],
      ["c", nested],
      ["d", "on"],
      ["e", null],
    ]);
    expect(run(setFact, { a: "Yes", b: "false", c: nested, d: "on", e: null, cacheable: true })).toEqual({
      ...ok,
      msg: null,
      values: { ansible_facts: facts, _ansible_facts_cacheable: true },
      facts,
    });
  });
  test("Names are names, and at least one is needed.", () => {
    expect(faultsOf(setFact, { "1a": 1, "b-c": 2 })).toEqual([
      "1a is no name of a variable: letters, digits and underscores, no digit first",
      "b-c is no name of a variable: letters, digits and underscores, no digit first",
    ]);
    expect(faultsOf(setFact, { cacheable: true })).toEqual([
      "No key/value pairs provided, at least one is required",
    ]);
  });
});
