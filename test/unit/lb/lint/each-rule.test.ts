import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { EXAMPLE_NOW, examplePair } from "../../../../src/lb/lint/example.ts";
import { rules } from "../../../../src/lb/lint/registry.ts";
import type { Example, Finding, Rule } from "../../../../src/lb/lint/rule.ts";
import { rulesPage } from "./rules-page.ts";

// Each rule is held against its own two examples, which are also what the documentation shows.

const findingsOf = (rule: Rule, example: Example): readonly Finding[] =>
  rule.check(examplePair(example), { now: EXAMPLE_NOW });

/** A sentence or more: no blank around it, none doubled, a full stop at its end. */
const SENTENCE = /^(?!.* {2})\S(?:.*[^\s.,;:])?\.$/s;

/** Part of a line: `… [X01]` follows a message, so it has no full stop. */
const PHRASE = /^(?!.* {2})\S(?:.*[^\s.,;:])?$/s;

test("ids are unique and well-formed", () => {
  const ids = rules.map((rule) => rule.id);
  expect(ids.filter((id) => !/^[XKHTLNS]\d\d$/.test(id))).toEqual([]);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});

test("no two rules ask for the same", () => {
  const titles = rules.map((rule) => rule.title);
  expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([]);
});

describe.each(rules.map((rule) => ({ id: rule.id, rule })))("$id", ({ rule }) => {
  test("says what has to hold, why, where that comes from and what to do", () => {
    expect(rule.title).toMatch(SENTENCE);
    expect(rule.why).toMatch(SENTENCE);
    expect(rule.fix).toMatch(SENTENCE);
    expect(rule.source).toMatch(PHRASE);
  });

  test("finds what is wrong with its bad example", () => {
    const pair = examplePair(rule.bad);
    const findings = findingsOf(rule, rule.bad);
    expect(findings).not.toEqual([]);
    for (const finding of findings) {
      expect(finding.message).toMatch(PHRASE);
      if (finding.fix !== null) expect(finding.fix).toMatch(SENTENCE);
      expect(finding.nodes).not.toEqual([]);
      expect(pair.nodes.map((node) => node.name)).toEqual(expect.arrayContaining([...finding.nodes]));
      if (finding.at !== null) {
        const lines = finding.at.source.text.split("\n");
        expect(finding.at.line).toBeGreaterThanOrEqual(1);
        expect(finding.at.line).toBeLessThanOrEqual(lines.length);
      }
    }
  });

  test("has nothing to say of its good example", () => {
    expect(findingsOf(rule, rule.good)).toEqual([]);
  });

  test("says nothing where nothing is known", () => {
    const unknown = { name: "lb1", haproxy: null, keepalived: null, facts: null };
    const pair = { ...examplePair(rule.good), nodes: [unknown, { ...unknown, name: "lb2" }] };
    expect(rule.check(pair, { now: EXAMPLE_NOW })).toEqual([]);
  });

  test("does without facts where there are none", () => {
    for (const example of [rule.bad, rule.good]) {
      const pair = examplePair(example);
      const bare = { ...pair, nodes: pair.nodes.map((node) => ({ ...node, facts: null })) };
      expect(() => rule.check(bare, { now: EXAMPLE_NOW })).not.toThrow();
    }
  });
});

test("the reference in docs/rules.md is what the rules say; vitest -u writes it", async () => {
  await expect(rulesPage(rules)).toMatchFileSnapshot(
    fileURLToPath(new URL("../../../../docs/rules.md", import.meta.url)),
  );
});
