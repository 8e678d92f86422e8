import { expect, test } from "vitest";
import { coerce } from "../../../src/core/coerce.ts";
import type { Schema } from "../../../src/core/schema.ts";

const choice = (...words: readonly string[]): Schema => ({ type: "string", enum: words });

test("A boolean where a word is asked for is the one allowed word that means it.", () => {
  const upgrade = choice("no", "yes", "safe", "dist");
  expect(coerce(upgrade, true)).toEqual({ value: "yes", faults: [] });
  expect(coerce(upgrade, false)).toEqual({ value: "no", faults: [] });
});

test("A boolean stays Python's word where no allowed word, or more than one, means it.", () => {
  expect(coerce(choice("present", "absent"), true)).toEqual({ value: "True", faults: [] });
  expect(coerce(choice("yes", "on"), true)).toEqual({ value: "True", faults: [] });
  expect(coerce({ type: "string" }, true)).toEqual({ value: "True", faults: [] });
});
