import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseYamlValue } from "../../../src/config/yaml.ts";
import { faultText, pathText } from "../../../src/core/argument-spec/findings.ts";
import { UNDECIDED } from "../../../src/core/argument-spec/option.ts";
import { specFaults } from "../../../src/core/argument-spec/spec-faults.ts";
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

const spec = (text: string): Dict => dictOf(parseYamlValue(text));

/** Faults as they are told: path, expectation, what was found, hint. */
const told = (specText: string, given: string | Dict): readonly string[] =>
  validateArguments(spec(specText), typeof given === "string" ? spec(given) : given)
    .flatMap(({ faults }) => faults)
    .map(
      (fault) =>
        `${pathText(fault.path)}: ${faultText(fault)}${fault.hint === null ? "" : ` (${fault.hint})`}`,
    );

const SERVERS =
  "servers: {type: list, elements: dict, options: {name: {required: true}, port: {type: int}, mode: {choices: [http, tcp]}}}";

describe("faults", () => {
  test("name the place, what was expected and what was found", () => {
    expect(told(SERVERS, "servers: [{name: a}, {port: 8o, mode: htpp, prot: x}, text]")).toEqual([
      'servers[2]: expected a mapping, found "text"',
      "servers[1].name: required, but not given",
      'servers[1].port: expected an integer, found "8o"',
      'servers[1].mode: expected one of http, tcp, found "htpp" (did you mean http?)',
      "servers[1].prot: unknown (did you mean port?)",
    ]);
  });

  test("keep the places of what stands behind an element that does not fit", () => {
    expect(told(SERVERS, "servers: [text, {name: a}, {name: b, port: x}]")).toEqual([
      'servers[0]: expected a mapping, found "text"',
      'servers[2].port: expected an integer, found "x"',
    ]);
  });

  test("say what type was probably meant", () => {
    expect(told("a: {type: string}\nb: {type: list, elements: integer}", "{a: x, b: [1]}")).toEqual([
      'a: cannot be checked: the argument spec asks for the type "string", which there is not (did you mean str?)',
      'b[0]: cannot be checked: the argument spec asks for the type "integer", which there is not (did you mean int?)',
    ]);
  });

  test("show no secrets, neither of an option nor of what is in it", () => {
    const secrets =
      "p: {no_log: true, type: int}\nd: {no_log: true, type: dict, options: {x: {choices: [a]}, n: {type: list, elements: bool}}}";
    const errors = validateArguments(spec(secrets), spec("p: hunter2\nd: {x: hunter2, n: [hunter2]}"));
    expect(errors).toHaveLength(3);
    expect(JSON.stringify(errors)).not.toContain("hunter2");
  });

  test("leave out what is not decided yet", () => {
    const given = new Map<Value, Value>([
      [
        "servers",
        [
          UNDECIDED,
          new Map<Value, Value>([
            ["name", UNDECIDED],
            ["port", UNDECIDED],
            ["mode", "x"],
          ]),
        ],
      ],
      ["one", UNDECIDED],
      ["many", ["a", UNDECIDED]],
      [
        "app",
        new Map<Value, Value>([
          ["a", UNDECIDED],
          ["b", 1],
        ]),
      ],
    ]);
    const more = `${SERVERS}\none: {type: int, choices: [1]}\nmany: {type: list, elements: str, choices: [a]}\napp: {type: dict, mutually_exclusive: [[a, b]], options: {a: {}, b: {}}}`;
    expect(told(more, given)).toEqual(['servers[1].mode: expected one of http, tcp, found "x"']);
  });

  test("of the spec itself are told by their path", () => {
    const wrong = spec(
      "a:\nb: {type: 1, required: true, default: x, aliases: y, fallback: z}\nc: {options: [d]}\ne: {type: dict, options: {f: text}}",
    );
    expect(specFaults(wrong).map(({ path, message }) => `${path.join(".")}: ${message}`)).toEqual([
      "a: expected a mapping such as {type: str}, found nothing",
      "b.type: expected the name of a type, found a number",
      "b.default: what is required has no default: one of the two is meant",
      "b.aliases: expected a list of names, found a text",
      "b.fallback: only modules written in Python have fallbacks",
      "c.options: expected a mapping of options, found a list",
      "e.options.f: expected a mapping such as {type: str}, found a text",
    ]);
  });
});
