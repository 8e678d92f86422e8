import type { VrrpInstance } from "../keepalived/config.ts";
import { atLeast, type Version } from "../version.ts";

/**
 * How a keepalived elects. `classic` is 1.x: a backup that hears a lower priority claims the addresses at once, and its
 * timers know nothing of trackers. `patient` is 2.0 and later: it ignores lower adverts until its timer runs out.
 */
export type Manners = "classic" | "patient";

/** The manners of a version; an unknown one is taken for a current one. */
export const mannersOf = (version: Version | null): Manners =>
  version !== null && !atLeast(version, [2, 0, 0]) ? "classic" : "patient";

/** Seconds that keepalived takes at all: for anything else the default holds. */
const SHORTEST_S = 0.01;
const LONGEST_S = 255;

/** Hundredths of a second: the field of VRRP 3 has 12 bits. */
const V3_LONGEST_CS = 4095;

const DEFAULT_MS = 1000;

/**
 * Milliseconds between adverts as keepalived really sends them: VRRP 2 rounds to whole seconds (0.3 becomes 1),
 * VRRP 3 to hundredths up to 40.95; what is not within 0.01 to 255 becomes 1.
 */
export const advertMs = ({ version, advertInt: { seconds } }: VrrpInstance): number => {
  if (!(seconds >= SHORTEST_S && seconds <= LONGEST_S)) return DEFAULT_MS;
  return version === 2
    ? Math.max(Math.floor(seconds + 0.5), 1) * 1000
    : Math.min(Math.round(seconds * 100), V3_LONGEST_CS) * 10;
};

/** What decides a node's two timers. */
export interface TimerInput {
  readonly version: 2 | 3;
  /** The priority that counts: with trackers since 2.0, as configured before. */
  readonly priority: number;
  /** Of the master whose adverts are heard: VRRP 3 learns it, in VRRP 2 it is the node's own. */
  readonly advertMs: number;
  readonly downTimerAdverts: number;
}

/** Milliseconds that a backup waits after an advert of priority 0: the farther from 256 its own priority, the longer. */
export const skewMs = ({ version, priority, advertMs: interval }: TimerInput): number =>
  ((256 - priority) * (version === 2 ? 1000 : interval)) / 256;

/** Milliseconds without an advert after which a backup takes the addresses. */
export const masterDownMs = (input: TimerInput): number =>
  input.downTimerAdverts * input.advertMs + skewMs(input);
