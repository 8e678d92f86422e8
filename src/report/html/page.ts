import { createHash } from "node:crypto";
import { el, escapeText, type Markup, writeMarkup } from "./markup.ts";
import { momentText } from "./moment.ts";
import { STYLE } from "./style.ts";
import { SIGN, type Tone } from "./tone.ts";

/** A report: what it is about, how it came out, and its sections. */
export interface Page {
  /** `Run of site.yaml` */
  readonly title: string;
  /** What stands small above the title: kind of report, and who made it. */
  readonly kind: string;
  readonly verdict: { readonly tone: Tone; readonly word: string; readonly text: string };
  readonly content: readonly Markup[];
}

/** What a page says of itself, and what is hidden in it. */
export interface PageSetting {
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly redact: (text: string) => string;
}

/** The element by which a file is known as a report of lbplay. */
export const GENERATOR = '<meta name="generator" content="lbplay';

/**
 * A page as one HTML file that needs nothing else. Its policy lets a browser load nothing, run nothing and send nothing:
 * should a text ever be taken for markup, it could still do no harm.
 */
export const pageText = (page: Page, { version, time, redact }: PageSetting): string => {
  const { tone, word, text } = page.verdict;
  const body = [
    el(
      "header",
      { class: "top" },
      el("div", { class: "brand" }, el("b", {}, "lbplay"), el("span", {}, page.kind)),
      el("h1", {}, page.title),
      el(
        "div",
        { class: `verdict ${tone}` },
        el("span", { class: "sign", "aria-hidden": "true" }, SIGN[tone]),
        el("p", {}, el("b", { class: tone }, word), text),
      ),
    ),
    el("main", {}, ...page.content),
    el(
      "footer",
      {},
      `Written by lbplay ${version} at `,
      el("time", { datetime: new Date(time).toISOString() }, momentText(time)),
      ". Times are UTC. This file needs no network and holds no script.",
    ),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy()}">
${GENERATOR} ${escapeText(version)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>${escapeText(redact(page.title))}</title>
<style>${STYLE}</style>
</head>
<body>
${writeMarkup(body, redact)}
</body>
</html>
`;
};

const policy = (): string => {
  const style = createHash("sha256").update(STYLE).digest("base64");
  return `default-src 'none'; style-src 'sha256-${style}'; base-uri 'none'; form-action 'none'`;
};
