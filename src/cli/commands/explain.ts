import { EXAMPLE_NOW, examplePair } from "../../lb/lint/example.ts";
import { lintPair } from "../../lb/lint/lint.ts";
import { rules } from "../../lb/lint/registry.ts";
import type { Example, Rule } from "../../lb/lint/rule.ts";
import { findingText } from "../../report/findings-text.ts";
import { createPalette, type Palette, wantsColour } from "../../report/palette.ts";
import { EXIT } from "../exit-code.ts";
import type { Io } from "../io.ts";
import { shownFindings, sourcesOf } from "../shown-findings.ts";
import { unknownRule } from "./lint.ts";

/** Teaches a rule: what it asks for and why, what it finds in an example, and the example put right. */
export const explain = (id: string, io: Io): number => {
  const rule = rules.find((one) => one.id === id);
  if (rule === undefined) throw unknownRule(id);
  io.stdout.write(ruleText(rule, createPalette(wantsColour({ env: io.env, isTTY: io.stdout.isTTY }))));
  return EXIT.ok;
};

const ruleText = (rule: Rule, palette: Palette): string => {
  const bad = examplePair(rule.bad);
  const shown = shownFindings(bad);
  const found = lintPair(bad, [rule], EXAMPLE_NOW).findings;
  return `${palette.heading(`${rule.id} (${rule.severity})`)}: ${rule.title}

${rule.why}

Fix: ${rule.fix}
Source: ${rule.source}

${palette.heading("For example")}

${found.map((finding) => findingText(shown(finding), palette)).join("\n")}
${palette.heading("As it should be")}

${exampleText(rule.good)}`;
};

/** The files of an example, each under its name; what both nodes have in common is shown once. */
const exampleText = (example: Example): string => {
  const names = new Map<string, string[]>();
  for (const { path, text } of sourcesOf(examplePair(example)))
    names.set(text, [...(names.get(text) ?? []), path]);
  return [...names]
    .map(([text, paths]) => `  ${paths.join(", ")}\n${text.trimEnd().replaceAll(/^(?=.)/gm, "    ")}\n`)
    .join("\n");
};
