import { expect, test } from "vitest";
import type { Place } from "../../../../src/core/error.ts";
import type { ShownFinding, ShownLint, ShownRule } from "../../../../src/report/findings.ts";
import { findingsJson } from "../../../../src/report/findings-json.ts";
import { lintPage } from "../../../../src/report/html/lint-page.ts";
import { pageText } from "../../../../src/report/html/page.ts";
import { all, type Parsed, parsed, rowsOf, textOf } from "./parsed.ts";

const rule = (id: string, severity: ShownRule["severity"]): ShownRule => ({
  id,
  severity,
  title: `Title of ${id}.`,
  why: `Reason of ${id}.`,
  source: "measured",
  fix: `Mend ${id}.`,
});

const at = (path: string): Place => ({
  source: { path, text: "vrrp_instance VI_1 {\n  virtual_router_id 51 # <b>\n}\n" },
  line: 2,
  column: 3,
  length: 17,
});

const finding = (
  id: string,
  severity: ShownRule["severity"],
  more: Partial<ShownFinding> = {},
): ShownFinding => ({
  rule: rule(id, severity),
  severity,
  nodes: ["lb1", "lb2"],
  message: `${id} is not so & that is "bad"`,
  fix: `Mend ${id}.`,
  at: at("lb1/keepalived.conf"),
  also: [at("lb2/keepalived.conf")],
  ...more,
});

const LINT: ShownLint = {
  pairs: [
    {
      name: "lb",
      nodes: ["lb1", "lb2"],
      findings: [
        finding("X01", "error"),
        finding("H03", "warning", { at: null, also: [] }),
        finding("H47", "info"),
      ],
      off: [{ ...finding("K01", "error"), reason: "being moved" }],
    },
  ],
  rules: [rule("X01", "error")],
  unreachable: [{ node: "lb3", message: "connection refused" }],
  notes: ["Only the files were looked at."],
};

const pageOf = (lint: ShownLint): Parsed =>
  parsed(pageText(lintPage(lint, "lb1, lb2"), { version: "0.1.0", time: 0, redact: (text) => text }));

const hasClass = (name: string) => (element: Parsed) => element.attributes.get("class") === name;

test("Every finding of the JSON output is in the report, with its nodes, what to do, why, and the lines of each place.", () => {
  const page = pageOf(LINT);
  const json = JSON.parse(findingsJson(LINT)) as {
    pairs: {
      findings: {
        rule: string;
        message: string;
        fix: string;
        why: string;
        source: string;
        nodes: string[];
        at: { file: string; line: number } | null;
      }[];
    }[];
  };
  const found = all(page, hasClass("finding")).map(textOf);
  const wanted = json.pairs.flatMap(({ findings }) => findings);
  expect(found.length).toBe(wanted.length);
  wanted.forEach((one, index) => {
    for (const text of [one.rule, one.message, one.fix, one.why, one.source, one.nodes.join(", ")])
      expect(found[index]).toContain(text);
    if (one.at !== null) expect(found[index]).toContain(`${one.at.file}:${one.at.line}`);
  });
  const [frame] = all(page, ({ tag }) => tag === "pre");
  expect(frame?.children.map(textOf)).toEqual([
    "1 │ vrrp_instance VI_1 {",
    "2 │   virtual_router_id 51 # <b>",
    "  │   ^^^^^^^^^^^^^^^^^",
    "3 │ }",
  ]);
});

test("Figures, nodes that were not reached, notes, and rules that are off with their reason.", () => {
  const page = pageOf(LINT);
  expect(all(page, hasClass("tiles")).map(textOf).join()).toBe("1errors1warnings1infos2nodes1rules");
  expect(textOf(page)).toContain("lb3connection refused");
  expect(textOf(page)).toContain("Only the files were looked at.");
  expect(rowsOf(page, "Rules that are off for lb")).toEqual([
    { Rule: "K01", Reason: "being moved", "It would have found": 'K01 is not so & that is "bad"' },
  ]);
});

test.each([
  [LINT, "1 error"],
  [{ ...LINT, pairs: [], unreachable: [] }, "Nothing found"],
  [{ ...LINT, pairs: [] }, "Not reached"],
] satisfies readonly (readonly [ShownLint, string])[])(
  "The verdict goes by the gravest: case %#.",
  (lint, word) => {
    const verdict = all(
      pageOf(lint),
      ({ attributes }) => attributes.get("class")?.startsWith("verdict ") === true,
    );
    expect(verdict.map(textOf).join()).toContain(word);
  },
);
