import fc from "fast-check";
import { expect, test } from "vitest";
import { entryOf, type YamlNode } from "../../../src/config/node.ts";
import { parseYaml, parseYamlValue } from "../../../src/config/yaml.ts";
import { LbplayErrors, placeText } from "../../../src/core/error.ts";
import { isTemplate } from "../../../src/core/value.ts";

const parse = (text: string): YamlNode => {
  const { node, faults } = parseYaml({ path: "f.yml", text }, { decrypt: () => "" });
  if (node === null || faults.length > 0) throw new Error(faults.map((fault) => fault.message).join("\n"));
  return node;
};

/** The character at a place. */
const under = (text: string, place: { line: number; column: number }): string =>
  (text.split("\n")[place.line - 1] ?? "").slice(place.column - 1);

test("A template's place is the first character of its content, whatever its style.", () => {
  const text = `plain: a{{ 1 }}
single: '{{ 2 }}'
double: "{{ 3 }}"
literal: |
  x {{ 4 }}
folded: >-

    {{ 5 }}
flow: [ "{{ 6 }}", {a: 'b{{ 7 }}'} ]
`;
  const found: string[] = [];
  const walk = (node: YamlNode): void => {
    if (node.kind === "list") node.items.forEach(walk);
    else if (node.kind === "map") for (const entry of node.entries) walk(entry.node);
    else if (isTemplate(node.value) && node.value.at !== null)
      found.push(under(text, node.value.at).slice(0, 3) || `(blank line ${node.value.at.line})`);
  };
  walk(parse(text));
  expect(found).toEqual(["a{{", "{{ ", "{{ ", "x {", "(blank line 7)", "{{ ", "b{{"]);
});

test("Keys know their place, merged ones that of the mapping they come from.", () => {
  const node = parse("base: &b {x: 1}\nmore:\n  <<: *b\n  y: 2\n");
  if (node.kind !== "map") throw new Error("expected a mapping");
  const more = entryOf(node, "more")?.node;
  if (more?.kind !== "map") throw new Error("expected a mapping");
  expect(more.entries.map((entry) => [entry.name, placeText(entry.keyAt)])).toEqual([
    ["x", "f.yml:1:11"],
    ["y", "f.yml:4:3"],
  ]);
});

test("!unsafe keeps texts from becoming templates, in whole collections too.", () => {
  expect(parse("a: !unsafe '{{ x }}'\nb: !unsafe ['{{ y }}', {c: '{{ z }}'}]\n").value).toEqual(
    new Map<unknown, unknown>([
      ["a", "{{ x }}"],
      ["b", ["{{ y }}", new Map([["c", "{{ z }}"]])]],
    ]),
  );
});

test("Data that is never rendered keeps its braces as text.", () => {
  expect(parseYamlValue("a: '{{ x }}'\nb: [1, yes]\n")).toEqual(
    new Map<unknown, unknown>([
      ["a", "{{ x }}"],
      ["b", [1, true]],
    ]),
  );
  expect(parseYamlValue("")).toBe(null);
});

test("Aliases that repeat aliases are counted before anybody walks through them.", () => {
  const lines = Array.from({ length: 30 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}, *a${n}]`);
  const text = ["a0: &a0 x", ...lines, ""].join("\n");
  const { faults } = parseYaml({ path: "f.yml", text }, { decrypt: () => "" });
  expect(faults.map(({ message, at }) => [message, at?.line])).toEqual([
    ["with what its aliases repeat this file has more than 1000000 values", 13],
  ]);
});

test("An anchor that contains itself is a mistake, not an endless loop.", () => {
  const { faults } = parseYaml({ path: "f.yml", text: "a: &x [*x]\n" }, { decrypt: () => "" });
  expect(faults.map((fault) => fault.message)).toEqual(["the anchor &x contains itself"]);
});

test("Whatever the text, it is read or refused with a place, never a crash.", () => {
  const piece = fc.constantFrom(
    "a",
    ": ",
    "- ",
    "\n",
    "  ",
    "'",
    '"',
    "{{ x }}",
    "{",
    "}",
    "[",
    "]",
    "|\n",
    ">-\n",
    "&a ",
    "*a",
    "!vault ",
    "!!int ",
    "<<: ",
    "? ",
    "#",
    "---\n",
    "0x",
    "1:2",
    "\t",
    "é",
    ",",
    "%",
    "@",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 24 }), (pieces) => {
      const text = pieces.join("");
      const { faults } = parseYaml({ path: "f.yml", text }, { decrypt: () => "" });
      for (const fault of faults) expect(fault.at).not.toBe(null);
    }),
    { numRuns: 3000 },
  );
});

test("Whatever plain data JSON can say, YAML reads the same.", () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.string({ minLength: 1 }),
        fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)),
      ),
      (data) => {
        let value: unknown;
        try {
          value = parseYamlValue(JSON.stringify(data));
        } catch (error) {
          if (error instanceof LbplayErrors)
            throw new Error(error.errors.map((fault) => fault.message).join("\n"));
          throw error;
        }
        expect(value).toEqual(new Map(Object.entries(data).map(([key, item]) => [key, item])));
      },
    ),
    { numRuns: 500 },
  );
});
