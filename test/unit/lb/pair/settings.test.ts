import { expect, test } from "vitest";
import type { Source } from "../../../../src/core/value.ts";
import { type ParsedSettings, parsePairSettings } from "../../../../src/lb/pair/settings.ts";

const parse = (off: readonly (readonly [string, Source])[]): ParsedSettings =>
  parsePairSettings(new Map<string, Source>([["lint_off", new Map(off)]]), {
    nodes: ["lb1", "lb2"],
    hosts: ["lb1", "lb2"],
    rules: ["H03", "H13", "X01"],
    placeOf: () => null,
  });

test("A rule is off with its reason.", () => {
  const { settings, faults } = parse([["H03", " one interface only\n"]]);
  expect(faults).toEqual([]);
  expect(settings?.lintOff).toEqual(new Map([["H03", "one interface only"]]));
});

test("A rule that is off without a reason, or that does not exist, is a mistake.", () => {
  const { settings, faults } = parse([
    ["H03", null],
    ["h13", "because"],
    ["x1", "because"],
    ["Q99", "because"],
  ]);
  expect(settings?.lintOff).toEqual(new Map());
  expect(faults.map((fault) => [fault.message, fault.hint])).toEqual([
    ["lint_off: H03 is off without a reason", "say why: H03: the reason"],
    ["lint_off: no rule is called h13", "did you mean H13?"],
    ["lint_off: no rule is called x1", "did you mean X01?"],
    ["lint_off: no rule is called Q99", "docs/rules.md lists them all"],
  ]);
});
