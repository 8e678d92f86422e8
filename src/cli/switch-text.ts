import type { Json } from "../core/value.ts";
import type { Handover } from "../lb/live/handover.ts";
import type { Outage } from "../probe/outage.ts";
import type { SwitchReport } from "./switch.ts";

/** How a handover would go, in one sentence. */
export const planText = ({
  from,
  to,
  addresses,
  way,
  readyInMs,
  expectedMs,
  overlap,
  deadlineMs,
}: Handover): string => {
  const how =
    way.kind === "stop"
      ? `keepalived is stopped on ${from}, and says goodbye`
      : way.effect === "fault"
        ? `${way.path} on ${from} says that it is out`
        : `${way.path} on ${from} lowers its priority, and it serves until ${to} has taken over`;
  const cost = overlap
    ? "nothing is without an owner in between"
    : `nobody has it for about ${millisecondsText(expectedMs)}`;
  const wait =
    readyInMs > 0
      ? `in ${millisecondsText(readyInMs)}, when keepalived of ${to} is past its startup delay, `
      : "";
  return `${addresses.join(", ")} from ${from} to ${to}: ${wait}${how}; ${cost}, and it is taken back after ${millisecondsText(deadlineMs)}`;
};

/** How a node that was kept out gets the addresses, in one sentence. */
export const joinText = ({ from, to, addresses }: Handover): string =>
  `${addresses.join(", ")} from ${from} to ${to}: ${to} was kept out, and takes part again; what it does not take by itself is handed over to it`;

/** What a client saw, in one line. */
export const outageText = ({ requests, failed, errors, longestGapMs }: Outage): string => {
  const causes = Object.entries(errors).map(([cause, count]) => `${count} ${cause}`);
  return `${requests} requests, ${failed} failed${causes.length === 0 ? "" : ` (${causes.join(", ")})`}; longest time without an answer ${millisecondsText(longestGapMs)}`;
};

/** What became of a handover, for programs. */
export const switchJson = ({ handover, outcome, outage, worse }: SwitchReport): Json => ({
  from: handover.from,
  to: handover.to,
  addresses: [...handover.addresses],
  way: handover.way.kind === "stop" ? "stop" : `drain ${handover.way.path}`,
  expected_ms: handover.expectedMs,
  moved: outcome.kind === "moved",
  after_ms: outcome.kind === "moved" ? Math.round(outcome.afterMs) : null,
  reason: outcome.kind === "undone" ? outcome.reason : null,
  rejoined: outcome.kind === "moved" && handover.rejoin.when === "at-once",
  client: outage === null ? null : outageJson(outage),
  worse: [...worse],
});

const outageJson = ({ requests, failed, errors, longestGapMs, windows }: Outage): Json => ({
  requests,
  failed,
  errors: { ...errors },
  longest_gap_ms: Math.round(longestGapMs * 10) / 10,
  windows: windows.map(({ from, ms, failed: lost }) => ({
    from: new Date(from).toISOString(),
    ms: Math.round(ms * 10) / 10,
    failed: lost,
  })),
});

/** `1.2 ms`, `604 ms`, `3.6 s`. */
export const millisecondsText = (ms: number): string => {
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return ms < 10 ? `${Math.round(ms * 10) / 10} ms` : `${Math.round(ms)} ms`;
};
