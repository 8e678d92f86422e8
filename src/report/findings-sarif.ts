import type { Place } from "../core/error.ts";
import type { ShownFinding, ShownLint, ShownPair, ShownRule, ShownSeverity } from "./findings.ts";

/** The tool as SARIF names it. */
export interface SarifTool {
  readonly version: string;
}

/** A lint as SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/), which code hosts and editors understand. */
export const findingsSarif = (lint: ShownLint, tool: SarifTool): string => {
  const results = lint.pairs.flatMap((pair) => [
    ...pair.findings.map((finding) => resultOf(finding, pair, lint)),
    ...pair.off.map((finding) => ({
      ...resultOf(finding, pair, lint),
      suppressions: [{ kind: "external", status: "accepted", justification: finding.reason }],
    })),
  ]);
  const run = {
    tool: {
      driver: {
        name: "lbplay",
        version: tool.version,
        rules: lint.rules.map(ruleOf),
      },
    },
    columnKind: "utf16CodeUnits",
    invocations: [
      {
        executionSuccessful: lint.unreachable.length === 0,
        toolExecutionNotifications: [
          ...lint.unreachable.map(({ node, message }) => ({
            level: "error",
            message: { text: `${node}: ${message}` },
          })),
          ...lint.notes.map((text) => ({ level: "note", message: { text } })),
        ],
      },
    ],
    results,
  };
  return `${JSON.stringify({ $schema: SCHEMA, version: "2.1.0", runs: [run] }, null, 2)}\n`;
};

const SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json";

const LEVELS: Readonly<Record<ShownSeverity, string>> = { error: "error", warning: "warning", info: "note" };

const ruleOf = (rule: ShownRule) => ({
  id: rule.id,
  shortDescription: { text: rule.title },
  fullDescription: { text: rule.why },
  help: { text: `${rule.why}\n\n${rule.fix}\n\nSource: ${rule.source}` },
  defaultConfiguration: { level: LEVELS[rule.severity] },
});

const resultOf = (finding: ShownFinding, pair: ShownPair, { rules }: ShownLint) => {
  const nodes = finding.nodes.map((node) => ({
    fullyQualifiedName: `${pair.name}/${node}`,
    kind: "resource",
  }));
  const physical = finding.at === null ? {} : { physicalLocation: physicalLocation(finding.at) };
  return {
    ruleId: finding.rule.id,
    ruleIndex: rules.findIndex((rule) => rule.id === finding.rule.id),
    level: LEVELS[finding.severity],
    message: { text: `${finding.message}. ${finding.fix}` },
    locations: [{ ...physical, logicalLocations: nodes }],
    ...(finding.also.length === 0
      ? {}
      : {
          relatedLocations: finding.also.map((place, index) => ({
            id: index + 1,
            physicalLocation: physicalLocation(place),
          })),
        }),
  };
};

const physicalLocation = ({ source, line, column, length }: Place) => ({
  artifactLocation: { uri: uriOf(source.path) },
  region: { startLine: line, startColumn: column, endColumn: column + Math.max(length, 1) },
});

/** A node's own file (`lb1:/etc/haproxy/haproxy.cfg`) as a file of that host, any other as a path. */
const uriOf = (path: string): string => {
  const [, node, own] = /^([^/:]+):(\/.*)$/.exec(path) ?? [];
  if (node !== undefined && own !== undefined) return `file://${encodeURIComponent(node)}${encodeURI(own)}`;
  return path.startsWith("/") ? `file://${encodeURI(path)}` : encodeURI(path);
};
