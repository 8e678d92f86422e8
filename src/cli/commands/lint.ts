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
import { lintPage } from "../../report/html/lint-page.ts";
import { pageText } from "../../report/html/page.ts";
import { createPalette, wantsColour } from "../../report/palette.ts";
import { EXIT } from "../exit-code.ts";
import type { Io } from "../io.ts";
import { type FoundPairs, withPairs } from "../read-pairs.ts";
import { openReportFile } from "../report-file.ts";
import type { LintOptions } from "../run-options.ts";
import { shownLint } from "../shown-findings.ts";

/** Holds pairs against the rules and tells what was found. */
export const lint = async (options: LintOptions, io: Io): Promise<number> => {
  const chosen = chosenRules(options.rules);
  const file = options.report === null ? null : await openReportFile(options.report, io);
  return withPairs(options.subject, io, async (found) => {
    const reports = found.pairs.map((pair) => lintPair(pair, chosen, io.now()));
    const shown = shownLint(reports, chosen, found);
    io.stdout.write(found.redact(textOf(shown, options.output, io)));
    const code = exitCode(reports, found, options.threshold);
    if (file === null) return code;
    const setting = { version: manifest.version, time: io.now(), redact: found.redact };
    return file.write(pageText(lintPage(shown, subjectText(options.subject)), setting), code);
  });
};

/** What was linted, as a title. */
const subjectText = (subject: LintOptions["subject"]): string => {
  switch (subject.kind) {
    case "files":
      return subject.words.join(", ");
    case "live":
      return `The nodes of ${subject.live.inventories.join(", ")}`;
    case "playbooks":
      return `${subject.playbooks.join(", ")} on ${subject.live.inventories.join(", ")}`;
  }
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
