import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseYamlValue } from "../../../src/config/yaml.ts";
import { validateArguments } from "../../../src/core/argument-spec/validate.ts";
import { type Dict, isDict, isList, type Value } from "../../../src/core/value.ts";

const ORACLE = new URL("../../oracle/argument-specs/", import.meta.url);

const recorded: Readonly<Record<string, readonly (readonly string[])[]>> = JSON.parse(
  readFileSync(new URL("recorded.json", ORACLE), "utf8"),
);

const dictOf = (value: Value | undefined): Dict => {
  if (isDict<Value>(value)) return value;
  throw new Error("not a mapping");
};

const listOf = (value: Value | undefined): readonly Value[] => {
  if (isList<Value>(value)) return value;
  throw new Error("not a list");
};

const cases = listOf(parseYamlValue(readFileSync(new URL("cases.yml", ORACLE), "utf8"))).map(dictOf);

/** The words of truth have an order of their own at each start of Ansible. */
const comparable = (message: string): string => message.replace(/(Valid booleans include: ).*/, "$1...");

describe("arguments are judged as by Ansible", () => {
  for (const one of cases) {
    const about = String(one.get("about"));
    test(about, () => {
      const told = listOf(one.get("given")).map((given) =>
        validateArguments(dictOf(one.get("spec")), dictOf(given)).map(({ ansible }) => comparable(ansible)),
      );
      expect(told).toEqual(recorded[about]);
    });
  }

  test("and every record has its case", () => {
    expect(Object.keys(recorded)).toEqual(cases.map((one) => String(one.get("about"))));
  });
});
