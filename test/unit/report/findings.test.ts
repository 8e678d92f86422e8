import { expect, test } from "vitest";
import type { SourceText } from "../../../src/core/error.ts";
import type { ShownFinding, ShownLint, ShownRule } from "../../../src/report/findings.ts";
import { findingsJson } from "../../../src/report/findings-json.ts";
import { findingsText } from "../../../src/report/findings-text.ts";
import { createPalette } from "../../../src/report/palette.ts";

const palette = createPalette(false);

const RULE: ShownRule = {
  id: "X01",
  severity: "error",
  title: "Both nodes have the same virtual_router_id.",
  why: "With two of them both nodes are MASTER.",
  source: "measured",
  fix: "Render it from one variable.",
};

const file = (node: string, id: number): SourceText => ({
  path: `${node}/keepalived.conf`,
  text: `vrrp_instance VI_1 {\n    virtual_router_id ${id}\n}\n`,
});

const FINDING: ShownFinding = {
  rule: RULE,
  severity: "error",
  nodes: ["lb1", "lb2"],
  message: "lb1 has the virtual_router_id 51, lb2 52",
  fix: RULE.fix,
  at: { source: file("lb1", 51), line: 2, column: 23, length: 2 },
  also: [{ source: file("lb2", 52), line: 2, column: 23, length: 2 }],
};

const lint = (more: Partial<ShownLint["pairs"][number]>, rest: Partial<ShownLint> = {}): ShownLint => ({
  pairs: [{ name: "lb", nodes: ["lb1", "lb2"], findings: [], off: [], ...more }],
  rules: [RULE],
  unreachable: [],
  notes: [],
  ...rest,
});

test("A difference is shown on both nodes, with what to do and how much there is.", () => {
  expect(findingsText(lint({ findings: [FINDING] }), palette)).toBe(
    `lb1/keepalived.conf:2:23: error: lb1 has the virtual_router_id 51, lb2 52 [X01]
    1 | vrrp_instance VI_1 {
  > 2 |     virtual_router_id 51
      |                       ^^
    3 | }
  lb2/keepalived.conf:2:23
    1 | vrrp_instance VI_1 {
  > 2 |     virtual_router_id 52
      |                       ^^
    3 | }
  fix: Render it from one variable.

2 nodes held against 1 rule: 1 error, no warning
`,
  );
});

test("Without a place the nodes are named; several pairs have headings; what is off and who is away is told.", () => {
  const away = { unreachable: [{ node: "lb4", message: "connection refused" }], notes: ["A note."] };
  const shown = lint({ findings: [{ ...FINDING, severity: "info", at: null, also: [] }] }, away);
  const off = { ...FINDING, reason: "being moved" };
  const text = findingsText(
    { ...shown, pairs: [...shown.pairs, { name: "edge", nodes: ["lb3"], findings: [], off: [off, off] }] },
    palette,
  );
  expect(text).toBe(
    `PAIR [lb] lb1, lb2

lb1, lb2: info: lb1 has the virtual_router_id 51, lb2 52 [X01]
  fix: Render it from one variable.

PAIR [edge] lb3

nothing found

lb4: unreachable: connection refused

X01 is off (being moved): it would have found 2 things
A note.
3 nodes held against 1 rule: no error, no warning, 1 info
`,
  );
});

test("A finding on several nodes with one place says which.", () => {
  expect(findingsText(lint({ findings: [{ ...FINDING, also: [] }] }), palette)).toContain(
    "\n  on lb1, lb2\n",
  );
});

test("JSON has all that is known of a finding.", () => {
  const parsed: unknown = JSON.parse(findingsJson(lint({ findings: [FINDING] })));
  expect(parsed).toEqual({
    summary: { error: 1, warning: 0, info: 0 },
    rules: 1,
    pairs: [
      {
        name: "lb",
        nodes: ["lb1", "lb2"],
        findings: [
          {
            rule: "X01",
            severity: "error",
            nodes: ["lb1", "lb2"],
            message: FINDING.message,
            title: RULE.title,
            why: RULE.why,
            source: RULE.source,
            fix: RULE.fix,
            at: { file: "lb1/keepalived.conf", line: 2, column: 23, length: 2 },
            also: [{ file: "lb2/keepalived.conf", line: 2, column: 23, length: 2 }],
          },
        ],
        off: [],
      },
    ],
    unreachable: [],
    notes: [],
  });
});
