import type { Tracker, TrackerUse } from "../keepalived/config.ts";
import { findStatement } from "../keepalived/statements.ts";

/** Milliseconds, from the soonest to the latest. */
export interface Span {
  readonly min: number;
  readonly max: number;
}

/** How long a tracker needs to notice, and how that is reckoned. */
export interface Detection {
  readonly span: Span;
  readonly text: string;
}

/** What a look-up like `killall -0 haproxy` takes on a busy node; a script that hangs takes its timeout instead. */
const SCRIPT_RUN_MS = 400;

/** What the kernel and keepalived take to pass on an event. */
const EVENT_MS = 10;

/** keepalived's own: five missed packets, one each 10 ms. */
const BFD_MS = 50;

/** The time from a failure to keepalived's knowing of it. */
export const detection = (kind: TrackerUse["kind"], definition: Tracker | null): Detection => {
  switch (kind) {
    case "script":
      return scriptDetection(definition);
    case "process":
      return processDetection(definition);
    case "file":
      return { span: { min: 0, max: EVENT_MS }, text: "the file is watched" };
    case "interface":
      return { span: { min: 0, max: EVENT_MS }, text: "the kernel tells" };
    case "bfd":
      return { span: { min: 0, max: BFD_MS }, text: "BFD" };
  }
};

const scriptDetection = (definition: Tracker | null): Detection => {
  const interval = secondsOf(definition, "interval", 1);
  const fall = Math.max(1, numberOf(definition, "fall", 1));
  const ms = interval * 1000;
  const [from, to] = [plainSeconds((fall - 1) * ms), plainSeconds(fall * ms)];
  return {
    span: { min: (fall - 1) * ms, max: fall * ms + SCRIPT_RUN_MS },
    text: `${from} to ${to} s and up to ${plainSeconds(SCRIPT_RUN_MS)} s of its run until ${fall === 1 ? "the script fails" : `the script has failed ${fall} times`}`,
  };
};

/** `delay` holds up both ways; `terminate_delay` the way down alone. */
const processDetection = (definition: Tracker | null): Detection => {
  const delay = secondsOf(definition, "terminate_delay", secondsOf(definition, "delay", 0)) * 1000;
  return {
    span: { min: delay, max: delay + EVENT_MS },
    text: delay === 0 ? "the kernel tells" : `${plainSeconds(delay)} s after the process ended`,
  };
};

const plainSeconds = (ms: number): string => String(ms / 1000);

const numberOf = (definition: Tracker | null, keyword: string, otherwise: number): number => {
  const text = findStatement(definition?.statements ?? [], keyword)?.words[1]?.text;
  const value = Number(text);
  return text === undefined || !Number.isFinite(value) ? otherwise : value;
};

const secondsOf = (definition: Tracker | null, keyword: string, otherwise: number): number => {
  const value = numberOf(definition, keyword, otherwise);
  return value > 0 ? value : otherwise;
};
