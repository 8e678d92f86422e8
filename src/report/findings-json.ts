import type { Place } from "../core/error.ts";
import type { Json } from "../core/value.ts";
import { countFindings, type ShownFinding, type ShownLint } from "./findings.ts";

/** A lint as one JSON document; docs/how-to/lint.md says what its members mean. */
export const findingsJson = (lint: ShownLint): string =>
  `${JSON.stringify(
    {
      summary: countFindings(lint),
      rules: lint.rules.length,
      pairs: lint.pairs.map(({ name, nodes, findings, off }) => ({
        name,
        nodes,
        findings: findings.map(findingJson),
        off: off.map((finding) => ({ ...findingJson(finding), reason: finding.reason })),
      })),
      unreachable: lint.unreachable,
      notes: lint.notes,
    },
    null,
    2,
  )}\n`;

const findingJson = (finding: ShownFinding): { readonly [key: string]: Json } => ({
  rule: finding.rule.id,
  severity: finding.severity,
  nodes: finding.nodes,
  message: finding.message,
  title: finding.rule.title,
  why: finding.rule.why,
  source: finding.rule.source,
  fix: finding.fix,
  at: finding.at === null ? null : placeJson(finding.at),
  also: finding.also.map(placeJson),
});

const placeJson = ({ source, line, column, length }: Place): Json => ({
  file: source.path,
  line,
  column,
  length,
});
