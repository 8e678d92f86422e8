import type { Outage } from "./outage.ts";

/** Why an outage is longer than allowed; null: it is not, or nothing is declared. */
export const overBudget = (outage: Outage, maxOutageMs: number | null): string | null =>
  maxOutageMs !== null && outage.longestGapMs > maxOutageMs
    ? `there was no answer for ${Math.round(outage.longestGapMs)} ms, longer than the ${Math.round(maxOutageMs)} ms that are allowed`
    : null;
