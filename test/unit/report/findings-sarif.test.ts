import { expect, test } from "vitest";
import type { SourceText } from "../../../src/core/error.ts";
import type { ShownFinding, ShownLint, ShownRule } from "../../../src/report/findings.ts";
import { findingsSarif } from "../../../src/report/findings-sarif.ts";

// What section 3 of SARIF 2.1.0 demands of the objects that are used: their required properties, the values that an
// enumeration allows, indexes that point where they should, regions that count from 1, URIs that are URIs.

const rule = (id: string, severity: ShownRule["severity"]): ShownRule => ({
  id,
  severity,
  title: `Rule ${id}.`,
  why: "Because.",
  source: "measured",
  fix: "Mend it.",
});

const RULES = [rule("X01", "error"), rule("H03", "warning"), rule("H47", "info")];

const source = (path: string): SourceText => ({ path, text: "global\n" });

const finding = (index: number, path: string, also: readonly string[] = []): ShownFinding => {
  const [first = rule("X01", "error")] = RULES.slice(index);
  return {
    rule: first,
    severity: first.severity,
    nodes: ["lb1", "lb2"],
    message: "it is so",
    fix: first.fix,
    at: { source: source(path), line: 1, column: 3, length: 2 },
    also: also.map((one) => ({ source: source(one), line: 1, column: 1, length: 0 })),
  };
};

const LINT: ShownLint = {
  pairs: [
    {
      name: "lb",
      nodes: ["lb1", "lb2"],
      findings: [
        finding(0, "lb1/keepalived.conf", ["lb2/keepalived.conf"]),
        finding(2, "lb1:/etc/haproxy/my own.cfg"),
        { ...finding(0, ""), at: null },
      ],
      off: [{ ...finding(1, "/srv/haproxy.cfg"), reason: "one interface" }],
    },
  ],
  rules: RULES,
  unreachable: [{ node: "lb3", message: "refused" }],
  notes: ["Only files."],
};

const run = JSON.parse(findingsSarif(LINT, { version: "1.2.3" })).runs[0];

test("The log says which version of the format it has, which tool made it and what its rules are.", () => {
  const log = JSON.parse(findingsSarif(LINT, { version: "1.2.3" }));
  expect(log.version).toBe("2.1.0");
  expect(URL.canParse(log.$schema)).toBe(true);
  expect(log.runs).toHaveLength(1);
  expect(run.tool.driver).toMatchObject({ name: "lbplay", version: "1.2.3" });
  expect(run.tool.driver.rules.map((one: { id: string }) => one.id)).toEqual(["X01", "H03", "H47"]);
  for (const one of run.tool.driver.rules) {
    expect(["none", "note", "warning", "error"]).toContain(one.defaultConfiguration.level);
    for (const text of [one.shortDescription.text, one.fullDescription.text, one.help.text])
      expect(text).toMatch(/\.$|measured$/);
  }
});

test("Results name their rule, a level of the format, a message, and places that count from 1.", () => {
  expect(run.results).toHaveLength(4);
  for (const result of run.results) {
    expect(run.tool.driver.rules[result.ruleIndex].id).toBe(result.ruleId);
    expect(["none", "note", "warning", "error"]).toContain(result.level);
    expect(result.message.text).toBe("it is so. Mend it.");
    for (const { physicalLocation } of [...result.locations, ...(result.relatedLocations ?? [])]) {
      if (physicalLocation === undefined) continue;
      const { startLine, startColumn, endColumn } = physicalLocation.region;
      expect(startLine).toBeGreaterThanOrEqual(1);
      expect(startColumn).toBeGreaterThanOrEqual(1);
      expect(endColumn).toBeGreaterThan(startColumn);
      expect(URL.canParse(physicalLocation.artifactLocation.uri, "file:///")).toBe(true);
    }
  }
});

test("A path stays relative, a node's file is a file of that host, blanks are escaped; the other node's place is related.", () => {
  const uris = run.results.map(
    (result: { locations: { physicalLocation?: { artifactLocation: { uri: string } } }[] }) =>
      result.locations[0]?.physicalLocation?.artifactLocation.uri ?? null,
  );
  expect(uris).toEqual([
    "lb1/keepalived.conf",
    "file://lb1/etc/haproxy/my%20own.cfg",
    null,
    "file:///srv/haproxy.cfg",
  ]);
  expect(run.results[0].relatedLocations).toEqual([
    {
      id: 1,
      physicalLocation: {
        artifactLocation: { uri: "lb2/keepalived.conf" },
        region: { startLine: 1, startColumn: 1, endColumn: 2 },
      },
    },
  ]);
});

test("A rule that is off suppresses its results with the reason; a node that was not reached is told.", () => {
  expect(run.results.map((result: { suppressions?: unknown }) => result.suppressions ?? null)).toEqual([
    null,
    null,
    null,
    [{ kind: "external", status: "accepted", justification: "one interface" }],
  ]);
  expect(run.invocations).toEqual([
    {
      executionSuccessful: false,
      toolExecutionNotifications: [
        { level: "error", message: { text: "lb3: refused" } },
        { level: "note", message: { text: "Only files." } },
      ],
    },
  ]);
});
