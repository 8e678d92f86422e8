/** What a colour means. It never stands alone: a sign and a word say the same. */
export type Tone = "ok" | "changed" | "failed" | "info" | "still";

/** The sign of each tone, which tells them apart without colour. */
export const SIGN: Readonly<Record<Tone, string>> = {
  ok: "✓",
  changed: "●",
  failed: "✗",
  info: "i",
  still: "–",
};
