import type { SourceText } from "../core/error.ts";
import { createRedactor } from "../core/secret.ts";
import type { LintFinding, LintReport } from "../lb/lint/lint.ts";
import type { Rule } from "../lb/lint/rule.ts";
import { createMaskedPlaces, secretsIn } from "../lb/mask.ts";
import type { Pair } from "../lb/pair/pair.ts";
import type { ShownFinding, ShownLint, ShownRule } from "../report/findings.ts";
import type { FoundPairs } from "./read-pairs.ts";

/** A lint as the reporters show it: secrets in the lines of files are masked. */
export const shownLint = (
  reports: readonly LintReport[],
  rules: readonly Rule[],
  { unreachable, notes }: Pick<FoundPairs, "unreachable" | "notes">,
): ShownLint => {
  return {
    pairs: reports.map(({ pair, findings, off }) => {
      const shown = shownFindings(pair);
      return {
        name: pair.name,
        nodes: pair.nodes.map((node) => node.name),
        findings: findings.map(shown),
        off: off.map((finding) => ({
          ...shown(finding),
          reason: pair.settings.lintOff.get(finding.rule.id) ?? "",
        })),
      };
    }),
    rules: rules.map(shownRule),
    unreachable,
    notes,
  };
};

/** Findings about a pair as the reporters show them, one by one. */
export const shownFindings = (pair: Pair): ((finding: LintFinding) => ShownFinding) => {
  const masked = createMaskedPlaces();
  const { add, redact } = createRedactor();
  for (const { text } of sourcesOf(pair)) for (const hidden of secretsIn(text)) add(hidden);
  return ({ rule, severity, nodes, message, fix, at, also }) => ({
    rule: shownRule(rule),
    severity,
    nodes,
    message: redact(message),
    fix: redact(fix),
    at: at === null ? null : masked(at),
    also: also.map(masked),
  });
};

/** All files of a pair. */
export const sourcesOf = (pair: Pair): readonly SourceText[] =>
  pair.nodes.flatMap(({ haproxy, keepalived }) => [
    ...(haproxy?.sources ?? []),
    ...(keepalived?.sources ?? []),
  ]);

const shownRule = ({ id, severity, title, why, source, fix }: Rule): ShownRule => ({
  id,
  severity,
  title,
  why,
  source,
  fix,
});
