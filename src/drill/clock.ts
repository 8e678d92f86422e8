import { type Probe, read } from "../core/probe.ts";
import type { NodeClock } from "./result.ts";

/** What `date +%s%N` says, in milliseconds since the epoch; a `date` that knows no nanoseconds gives whole seconds. Null: no time. */
export const stampMs = (text: string): number | null => {
  const [, seconds, nanoseconds = "0"] = /^(\d{9,11}?)(\d{9})?N?$/.exec(text.trim()) ?? [];
  return seconds === undefined ? null : Number(seconds) * 1000 + Number(nanoseconds) / 1e6;
};

/** A node's clock, in milliseconds since the epoch. */
const clockProbe: Probe<number> = read(
  "date +%s%N",
  ({ stdout }) => stampMs(stdout.toString("utf8")) ?? Number.NaN,
);

/** What a clock is asked through. */
interface Asked {
  readonly name: string;
  readonly read: (probe: Probe<number>) => Promise<number>;
}

/** Rounds of asking; the quickest is the best. */
const ROUNDS = 6;

/** How a node's clock stands against ours, which `now` tells in milliseconds since the epoch. */
export const measureClock = async (node: Asked, now: () => number): Promise<NodeClock> => {
  let best: NodeClock | null = null;
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = now();
    const there = await node.read(clockProbe);
    const after = now();
    const clock = clockBetween(node.name, before, there, after);
    if (best === null || clock.errorMs < best.errorMs) best = clock;
  }
  return best ?? { node: node.name, offsetMs: 0, errorMs: 1000 };
};

/** The node's time was told some time between the two of ours. */
export const clockBetween = (node: string, before: number, there: number, after: number): NodeClock => ({
  node,
  offsetMs: there - (before + after) / 2,
  errorMs: (after - before) / 2 + (Number.isInteger(there / 1000) ? 1000 : 0),
});
