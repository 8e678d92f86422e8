import type { Place } from "../../core/error.ts";
import type { Pair } from "../pair/pair.ts";
import type { Finding, Rule, Severity } from "./rule.ts";

/** A finding, with the rule that found it. */
export interface LintFinding extends Finding {
  readonly rule: Rule;
  readonly severity: Severity;
  readonly fix: string;
  readonly also: readonly Place[];
}

/** What came of linting a pair. */
export interface LintReport {
  readonly pair: Pair;
  /** The gravest first, then by rule and place. */
  readonly findings: readonly LintFinding[];
  /** What was found by rules that the pair's settings turn off. */
  readonly off: readonly LintFinding[];
}

/** Holds a pair against rules; `now` is in milliseconds since the epoch. */
export const lintPair = (pair: Pair, rules: readonly Rule[], now: number): LintReport => {
  const all = rules
    .flatMap((rule) => rule.check(pair, { now }).map((finding) => ({ finding, rule })))
    .map(
      ({ finding, rule }): LintFinding => ({
        ...finding,
        rule,
        severity: finding.severity ?? rule.severity,
        fix: finding.fix ?? rule.fix,
        also: finding.also ?? [],
      }),
    )
    .toSorted(byGravity);
  const isOff = ({ rule }: LintFinding): boolean => pair.settings.lintOff.has(rule.id);
  return { pair, findings: all.filter((finding) => !isOff(finding)), off: all.filter(isOff) };
};

/** The severities, the gravest first. */
export const SEVERITIES: readonly Severity[] = ["error", "warning", "info"];

/** Whether a severity is at least as grave as another. */
export const isAtLeast = (severity: Severity, least: Severity): boolean =>
  SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(least);

/** The families of rules as the documentation lists them, by the letter that ids begin with. */
export const FAMILIES: readonly (readonly [letter: string, title: string])[] = [
  ["X", "The pair: what two nodes have to agree on"],
  ["K", "Keepalived"],
  ["H", "HAProxy"],
  ["T", "Certificates and keys"],
  ["L", "Logging"],
  ["N", "Network, firewall and kernel"],
  ["S", "System, packages and services"],
];

const byGravity = (a: LintFinding, b: LintFinding): number =>
  SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
  byId(a.rule, b.rule) ||
  compare(a.at?.source.path ?? "", b.at?.source.path ?? "") ||
  (a.at?.line ?? 0) - (b.at?.line ?? 0) ||
  (a.at?.column ?? 0) - (b.at?.column ?? 0);

/** Rules family by family, by number within one. */
export const byId = (a: Rule, b: Rule): number => familyOf(a) - familyOf(b) || compare(a.id, b.id);

const familyOf = ({ id }: Rule): number => FAMILIES.findIndex(([letter]) => id.startsWith(letter));

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
