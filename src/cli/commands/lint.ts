import manifest from "../../../package.json" with { type: "json" };
import { LbplayError, LbplayErrors } from "../../core/error.ts";
import { byId, isAtLeast, type LintReport, lintPair } from "../../lb/lint/lint.ts";
import { meantRule } from "../../lb/lint/meant-rule.ts";
import { rules } from "../../lb/lint/registry.ts";
import type { Rule } from "../../lb/lint/rule.ts";
import type { ShownLint } from "../../report/findings.ts";
import { findingsJson } from "../../report/findings-json.ts";
import { findingsSarif } from "../../report/findings-sarif.ts";
import { findingsText } from "../../report/findings-text.ts";
import { createPalette, wantsColour } from "../../report/palette.ts";
import { EXIT } from "../exit-code.ts";
import type { Io } from "../io.ts";
import { type FoundPairs, withPairs } from "../read-pairs.ts";
import type { LintOptions } from "../run-options.ts";
import { shownLint } from "../shown-findings.ts";

/** Holds pairs against the rules and tells what was found. */
export const lint = async (options: LintOptions, io: Io): Promise<number> => {
  const chosen = chosenRules(options.rules);
  return withPairs(options.subject, io, (found) => {
    const reports = found.pairs.map((pair) => lintPair(pair, chosen, io.now()));
    io.stdout.write(found.redact(textOf(shownLint(reports, chosen, found), options.output, io)));
    return exitCode(reports, found, options.threshold);
  });
};

const textOf = (shown: ShownLint, output: LintOptions["output"], io: Io): string => {
  switch (output) {
    case "plain":
      return findingsText(shown, createPalette(wantsColour({ env: io.env, isTTY: io.stdout.isTTY })));
    case "json":
      return findingsJson(shown);
    case "sarif":
      return findingsSarif(shown, { version: manifest.version });
  }
};

/** What was found outweighs a node that was not reached. */
const exitCode = (
  reports: readonly LintReport[],
  { unreachable }: FoundPairs,
  threshold: LintOptions["threshold"],
): number => {
  const grave = reports.some(({ findings }) =>
    findings.some(({ severity }) => isAtLeast(severity, threshold)),
  );
  if (grave) return EXIT.failed;
  return unreachable.length > 0 ? EXIT.unreachable : EXIT.ok;
};

const chosenRules = (ids: readonly string[]): readonly Rule[] => {
  const sorted = rules.toSorted(byId);
  if (ids.length === 0) return sorted;
  const faults = ids.flatMap((id) => (sorted.some((rule) => rule.id === id) ? [] : [unknownRule(id)]));
  if (faults.length > 0) throw new LbplayErrors(faults);
  return sorted.filter((rule) => ids.includes(rule.id));
};

/** For a rule that somebody asks for and nobody has. */
export const unknownRule = (id: string): LbplayError =>
  new LbplayError({
    code: "E_UNKNOWN_RULE",
    message: `no rule is called ${id}`,
    hint: meantRule(
      id,
      rules.map((rule) => rule.id),
    ),
  });
