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

const V2_LONGEST_S = 255;
const V3_LONGEST_CS = 4095;

/**
 * Milliseconds between adverts as keepalived really sends them: VRRP 2 rounds to whole seconds (0.3 becomes 1),
 * VRRP 3 to hundredths.
 */
export const advertMs = ({ version, advertInt: { seconds } }: VrrpInstance): number => {
  if (!(seconds > 0)) return 1000;
  return version === 2
    ? Math.min(Math.max(Math.floor(seconds + 0.5), 1), V2_LONGEST_S) * 1000
    : Math.min(Math.max(Math.round(seconds * 100), 1), V3_LONGEST_CS) * 10;
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
