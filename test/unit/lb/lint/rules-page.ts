import { EXAMPLE_NOW, examplePair } from "../../../../src/lb/lint/example.ts";
import { byId, FAMILIES, lintPair } from "../../../../src/lb/lint/lint.ts";
import type { Rule } from "../../../../src/lb/lint/rule.ts";
import type { Pair } from "../../../../src/lb/pair/pair.ts";

/** The reference of all rules, from the rules themselves. */
export const rulesPage = (rules: readonly Rule[]): string => {
  const families = FAMILIES.map(([letter, title]) => ({
    title,
    own: rules.filter(({ id }) => id.startsWith(letter)).toSorted(byId),
  })).filter(({ own }) => own.length > 0);
  return [
    "# Rules of lint",
    "",
    "Made from the rules in `src/lb/lint`; edit those. `lbplay lint` holds a pair against all of them, `lbplay lint --explain X01` shows one. A rule is switched off for a pair, with the reason, in the inventory: `lbplay_pair: {lint_off: {H03: one interface only}}`. What examples do not say is as on an ordinary Debian 12 node.",
    "",
    ...families.flatMap(({ title, own }) => [
      `**${title}**`,
      "",
      "| | | |",
      "|---|---|---|",
      ...own.map(
        (rule) => `| [${rule.id}](#${rule.id.toLowerCase()}) | ${rule.severity} | ${cell(rule.title)} |`,
      ),
      "",
    ]),
    ...families.flatMap(({ title, own }) => [`## ${title}`, "", ...own.flatMap(rulePart)]),
  ].join("\n");
};

const rulePart = (rule: Rule): readonly string[] => {
  const bad = examplePair(rule.bad);
  const good = examplePair(rule.good);
  const found = lintPair(bad, [rule], EXAMPLE_NOW).findings;
  const same = filesText(bad) === filesText(good);
  return [
    `### ${rule.id}`,
    "",
    `**${rule.title}** (${rule.severity})`,
    "",
    `${rule.why} *${rule.source}.*`,
    "",
    `${rule.fix}`,
    "",
    ...filesBlock("Wrong:", bad),
    "Found:",
    "",
    ...[...new Set(found.map(({ message }) => `- ${cell(message)}`))],
    "",
    ...(same ? [] : filesBlock("Right:", good)),
  ];
};

const filesBlock = (title: string, pair: Pair): readonly string[] => {
  const text = filesText(pair);
  return text === "" ? [] : [title, "", "```", text, "```", ""];
};

/** What several nodes have in the same words is shown once. */
const filesText = ({ nodes }: Pair): string => {
  const names = new Map<string, string[]>();
  for (const { haproxy, keepalived } of nodes)
    for (const { path, text } of [...(haproxy?.sources ?? []), ...(keepalived?.sources ?? [])])
      names.set(text, [...(names.get(text) ?? []), path]);
  return [...names].map(([text, paths]) => `# ${paths.join(", ")}\n${text.trimEnd()}`).join("\n\n");
};

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
