import type { FaultVerdict } from "../../drill/result.ts";
import { el, type Markup } from "./markup.ts";
import { badge } from "./parts.ts";
import type { Tone } from "./tone.ts";

/** A verdict in a word, with the reason where nothing was done. */
export const verdictBadge = (verdict: FaultVerdict): Markup => {
  const { tone, word } = VERDICT[verdict.kind];
  return [
    badge(tone, word),
    "because" in verdict ? el("span", { class: "muted small" }, ` ${verdict.because}`) : null,
  ];
};

const VERDICT: Readonly<Record<FaultVerdict["kind"], { readonly tone: Tone; readonly word: string }>> = {
  passed: { tone: "ok", word: "passed" },
  failed: { tone: "failed", word: "failed" },
  unavailable: { tone: "still", word: "cannot be done here" },
  "not-run": { tone: "still", word: "not run" },
};
