import { type Place, placeText } from "../core/error.ts";
import { frameLines } from "./code-frame.ts";
import {
  countFindings,
  type ShownFinding,
  type ShownLint,
  type ShownPair,
  type ShownSeverity,
} from "./findings.ts";
import type { Palette } from "./palette.ts";

/** Findings for people: place, message and rule, the lines around each place, what to do; and how many there are. */
export const findingsText = (lint: ShownLint, palette: Palette): string => {
  const texts = lint.pairs.flatMap((pair) => pairTexts(pair, lint.pairs.length > 1, palette));
  const unreachable = lint.unreachable.map(
    ({ node, message }) => `${palette.heading(node)}: ${palette.failed("unreachable")}: ${message}\n`,
  );
  const summary = [
    ...lint.pairs.flatMap((pair) => offLine(pair, palette)),
    ...lint.notes.map((note) => `${note}\n`),
    `${summaryLine(lint, palette)}\n`,
  ].join("");
  return [...texts, ...unreachable, summary].join("\n");
};

const pairTexts = (pair: ShownPair, several: boolean, palette: Palette): readonly string[] => {
  const heading = `${palette.heading(`PAIR [${pair.name}]`)} ${palette.faint(pair.nodes.join(", "))}\n`;
  const texts = pair.findings.map((finding) => findingText(finding, palette));
  return several ? [heading, ...(texts.length === 0 ? ["nothing found\n"] : texts)] : texts;
};

/** One finding: as many lines as it takes, each with its end. */
export const findingText = (finding: ShownFinding, palette: Palette): string => {
  const where = placeText(finding.at) ?? finding.nodes.join(", ");
  const head = `${palette.heading(where)}: ${severityText(finding.severity, palette)}: ${finding.message} ${palette.faint(`[${finding.rule.id}]`)}`;
  const lines = [
    head,
    ...(finding.at === null ? [] : frameLines(finding.at, palette)),
    ...finding.also.flatMap((place) => alsoLines(place, palette)),
    ...nodesLine(finding, palette),
    palette.predicted(`  fix: ${finding.fix}`),
  ];
  return `${lines.join("\n")}\n`;
};

const alsoLines = (place: Place, palette: Palette): readonly string[] => [
  `  ${palette.heading(placeText(place) ?? "")}`,
  ...frameLines(place, palette),
];

/** Which nodes it is about, where the places that are shown do not tell. */
const nodesLine = ({ nodes, at, also }: ShownFinding, palette: Palette): readonly string[] =>
  at === null || nodes.length <= 1 + also.length ? [] : [palette.faint(`  on ${nodes.join(", ")}`)];

const severityText = (severity: ShownSeverity, palette: Palette): string =>
  ({ error: palette.failed, warning: palette.warning, info: palette.skipped })[severity](severity);

const offLine = ({ off }: ShownPair, palette: Palette): readonly string[] =>
  [...new Map(off.map((finding) => [finding.rule.id, finding.reason]))].map(([id, reason]) => {
    const count = off.filter((finding) => finding.rule.id === id).length;
    return `${palette.faint(`${id} is off (${reason}): it would have found ${counted(count, "thing")}`)}\n`;
  });

const summaryLine = (lint: ShownLint, palette: Palette): string => {
  const counts = countFindings(lint);
  const nodes = lint.pairs.reduce((sum, pair) => sum + pair.nodes.length, 0);
  const held = `${counted(nodes, "node")} held against ${counted(lint.rules.length, "rule")}`;
  const parts = [
    counts.error > 0 ? palette.failed(counted(counts.error, "error")) : "no error",
    counts.warning > 0 ? palette.warning(counted(counts.warning, "warning")) : "no warning",
    ...(counts.info > 0 ? [palette.skipped(counted(counts.info, "info"))] : []),
  ];
  return `${held}: ${parts.join(", ")}`;
};

const counted = (count: number, what: string): string =>
  `${count} ${what}${count === 1 || what === "info" ? "" : "s"}`;
