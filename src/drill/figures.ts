import type { FaultFigures, RepeatResult } from "./result.ts";

/** The figures of a fault over its repeats; null without any. */
export const figuresOf = (repeats: readonly RepeatResult[]): FaultFigures | null => {
  if (repeats.length === 0) return null;
  const outages = repeats.map(({ outage }) => outage.outageMs);
  const returns = repeats.map(({ returnOutage }) => returnOutage.outageMs);
  const held = repeats.flatMap(({ held: one }) => (one === null ? [] : [one.cut]));
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
  return {
    outageP50Ms: middle(outages),
    outageMaxMs: Math.max(...outages),
    returnP50Ms: middle(returns),
    returnMaxMs: Math.max(...returns),
    requests: sum(repeats.map(({ outage, returnOutage }) => outage.requests + returnOutage.requests)),
    failed: sum(repeats.map(({ outage, returnOutage }) => outage.failed + returnOutage.failed)),
    heldCut: held.length === 0 ? null : sum(held),
  };
};

/** The nearest rank. */
const middle = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(values.length / 2) - 1)] ?? 0;
