import { type Place, placeText } from "../../core/error.ts";
import { frameOf } from "../code-frame.ts";
import {
  countFindings,
  type ShownFinding,
  type ShownLint,
  type ShownPair,
  type ShownSeverity,
} from "../findings.ts";
import { el, type Markup } from "./markup.ts";
import type { Page } from "./page.ts";
import { badge, counted, facts, folded, section, table, tiles } from "./parts.ts";
import type { Tone } from "./tone.ts";

const TONE: Readonly<Record<ShownSeverity, Tone>> = { error: "failed", warning: "changed", info: "info" };

/** The report of a lint: how grave it is, and every finding with its place, what to do and why. */
export const lintPage = (lint: ShownLint, subject: string): Page => {
  const counts = countFindings(lint);
  const nodes = lint.pairs.reduce((sum, pair) => sum + pair.nodes.length, 0);
  return {
    kind: "Report of a lint",
    title: subject,
    verdict: verdictOf(lint),
    content: [
      tiles([
        { value: counts.error, name: "errors", tone: counts.error > 0 ? "failed" : "ok" },
        { value: counts.warning, name: "warnings", tone: counts.warning > 0 ? "changed" : "ok" },
        { value: counts.info, name: "infos" },
        { value: nodes, name: "nodes" },
        { value: lint.rules.length, name: "rules" },
      ]),
      unreachableSection(lint),
      ...lint.pairs.map(pairSection),
      lint.notes.length === 0
        ? null
        : section("What limits this", el("ul", {}, ...lint.notes.map((note) => el("li", {}, note)))),
    ],
  };
};

const verdictOf = (lint: ShownLint): Page["verdict"] => {
  const { error, warning, info } = countFindings(lint);
  const rest = [
    ...(warning > 0 ? [counted(warning, "warning")] : []),
    ...(info > 0 ? [`${info} info`] : []),
  ].join(", ");
  if (error > 0)
    return {
      tone: "failed",
      word: counted(error, "error"),
      text: rest === "" ? "Nothing else." : `And ${rest}.`,
    };
  if (lint.unreachable.length > 0)
    return { tone: "failed", word: "Not reached", text: lint.unreachable.map(({ node }) => node).join(", ") };
  if (rest !== "") return { tone: "changed", word: "No error", text: `But ${rest}.` };
  return { tone: "ok", word: "Nothing found", text: `All rules hold (${lint.rules.length}).` };
};

const unreachableSection = ({ unreachable }: ShownLint): Markup =>
  unreachable.length === 0
    ? null
    : section(
        "Not reached",
        el(
          "ul",
          { class: "rows" },
          ...unreachable.map(({ node, message }) =>
            el("li", {}, badge("failed", node), el("p", { class: "said" }, message)),
          ),
        ),
      );

const pairSection = ({ name, nodes, findings, off }: ShownPair): Markup =>
  section(
    `Pair ${name}: ${nodes.join(", ")}`,
    findings.length === 0 ? el("p", { class: "muted" }, "Nothing found.") : null,
    ...findings.map(findingMarkup),
    off.length === 0
      ? null
      : folded(
          `${counted(off.length, "finding")} of rules that are off`,
          table(
            [{ name: "Rule" }, { name: "Reason" }, { name: "It would have found" }],
            off.map(({ rule, reason, message }) => [rule.id, reason, message]),
            `Rules that are off for ${name}`,
          ),
        ),
  );

const findingMarkup = ({ rule, severity, nodes, message, fix, at, also }: ShownFinding): Markup =>
  el(
    "article",
    { class: "finding" },
    el(
      "div",
      { class: "head" },
      badge(TONE[severity], severity),
      el("h3", {}, message, " ", el("code", { class: "muted" }, rule.id)),
    ),
    ...(at === null ? [] : [at, ...also]).map(placeMarkup),
    el("p", { class: "hint" }, "What to do: ", fix),
    folded(
      `Why: ${rule.title}`,
      facts([
        ["On", nodes.join(", ")],
        ["Why", rule.why],
        ["Known from", rule.source],
      ]),
    ),
  );

const placeMarkup = (at: Place): Markup => {
  const where = placeText(at) ?? "";
  const frame = frameOf(at);
  const width = String(frame.at(-1)?.number ?? "").length;
  const line = (gutter: string, text: string, look: string | null): Markup =>
    el("span", { class: look }, el("span", { class: "gutter" }, `${gutter} │ `), text);
  return el(
    "div",
    {},
    el("p", { class: "place small" }, el("code", {}, where)),
    frame.length === 0
      ? null
      : el(
          "pre",
          { tabindex: 0, role: "group", "aria-label": where },
          ...frame.flatMap(({ number, meant, text, marks }) => [
            line(String(number).padStart(width), text, meant ? "meant" : null),
            marks === null ? null : line(" ".repeat(width), marks, "meant marks"),
          ]),
        ),
  );
};
