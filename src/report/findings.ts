import type { Place } from "../core/error.ts";

/** A rule as it is shown. */
export interface ShownRule {
  readonly id: string;
  readonly severity: ShownSeverity;
  readonly title: string;
  readonly why: string;
  readonly source: string;
  readonly fix: string;
}

export type ShownSeverity = "error" | "warning" | "info";

/** A finding as it is shown. Secrets in texts and places are already masked. */
export interface ShownFinding {
  readonly rule: ShownRule;
  readonly severity: ShownSeverity;
  readonly nodes: readonly string[];
  readonly message: string;
  readonly fix: string;
  readonly at: Place | null;
  /** The same matter on other nodes. */
  readonly also: readonly Place[];
}

/** What was found of one pair. */
export interface ShownPair {
  readonly name: string;
  readonly nodes: readonly string[];
  readonly findings: readonly ShownFinding[];
  /** Findings of rules that are off for this pair. */
  readonly off: readonly (ShownFinding & { readonly reason: string })[];
}

/** One lint, whatever was linted. */
export interface ShownLint {
  readonly pairs: readonly ShownPair[];
  /** How many rules the pairs were held against. */
  readonly rules: readonly ShownRule[];
  /** Nodes that did not answer, with the reason. */
  readonly unreachable: readonly { readonly node: string; readonly message: string }[];
  /** What limits what could be found, a sentence each. */
  readonly notes: readonly string[];
}

/** How many findings there are of each severity. */
export const countFindings = ({ pairs }: ShownLint): Readonly<Record<ShownSeverity, number>> => {
  const of = (severity: ShownSeverity): number =>
    pairs.flatMap((pair) => pair.findings).filter((finding) => finding.severity === severity).length;
  return { error: of("error"), warning: of("warning"), info: of("info") };
};
